package yamledit

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// assignmentLine is a line of a .env, .properties or .tfvars file.
var assignmentLine = regexp.MustCompile(`^\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_.]*\s*=`)

// notValues returns what a file is that holds no map or list, "" for one that does.
func notValues(docs []*document) string {
	for _, d := range docs {
		if d.written.Kind != yaml.ScalarNode {
			return ""
		}
	}
	text := docs[0].written.Value
	switch {
	case strings.HasPrefix(text, "version https://git-lfs.github.com/spec/"):
		return "the file is a pointer of Git LFS, its content is stored elsewhere: take it out of LFS (git lfs untrack), or name " +
			"another `file`"
	case assignmentLine.MatchString(text):
		return "the file has lines of KEY=value (.env, .properties, .tfvars), which is not YAML: name a YAML or JSON file as `file`"
	}
	return "the file is a single text and no map: name a file with keys and values as `file`"
}

// selectionRemedy is the remedy for a file of several documents: the one that has the wanted path, if any does.
func (r refusals) selectionRemedy(wanted *yqlib.CandidateNode) string {
	path, at := yq.Keys(wanted), 0
	for i, d := range r.documents {
		if hasPath(d.written, path) {
			at = i
		}
	}
	remedy := fmt.Sprintf("an expression sets values in one document: select(documentIndex == %d) | .path = \"value\"", at)
	for _, d := range r.documents {
		if d.written.Kind == yaml.ScalarNode && d.written.Tag == source.NullTag {
			return fmt.Sprintf("the file has an empty document at line %d, before or behind a line `---`: delete that line\nor ",
				max(1, d.written.Line)) + remedy
		}
	}
	return remedy
}

// hasPath reports whether a written document has a value at a path of keys.
func hasPath(n *yaml.Node, path []string) bool {
	for _, key := range path {
		if n.Kind != yaml.MappingNode {
			return false
		}
		var next *yaml.Node
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				next = n.Content[i+1]
			}
		}
		if next == nil {
			return false
		}
		n = next
	}
	return true
}
