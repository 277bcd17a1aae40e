package yamledit

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// document is one YAML document: as it is written, and as yq's evaluation leaves it.
type document struct {
	written   *yaml.Node           // the root, with the position of every node in the text
	evaluated *yqlib.CandidateNode // yq's tree of the same nodes
	selected  bool                 // an expression chose this document
}

// untouchedHint marks scalars that no expression has assigned. yq copies the hint, which only its TOML and HCL writers
// read, from the assigned value; so a scalar that is set to the value it already has loses the mark too.
const untouchedHint = yqlib.EncodeHintInline

// decodeDocuments reads all documents, with the same reader that yq uses.
func decodeDocuments(src *source.Text) ([]*document, error) {
	var docs []*document
	anchors := map[string]*yqlib.CandidateNode{}
	err := eachDocument(src.Bytes(), func(root *yaml.Node) error {
		if err := inspectNode(src, root, nil); err != nil {
			return err
		}
		tree := &yqlib.CandidateNode{}
		if err := tree.UnmarshalYAML(root, anchors); err != nil {
			return err
		}
		tree.SetDocument(uint(len(docs)))
		setUntouched(tree)
		docs = append(docs, &document{written: root, evaluated: tree})
		return nil
	})
	if err != nil {
		return nil, explainUndecodable(src, err)
	}
	if len(docs) == 0 {
		return nil, problem.New(problem.Refused, "check `file` and `branch`: a values file holds at least one map",
			"reading the file: it is empty or holds only comments")
	}
	return docs, nil
}

// eachDocument calls visit with the root of each document. A panic of the YAML library becomes an error: the file is user input, and one
// odd file must not end the process.
func eachDocument(doc []byte, visit func(root *yaml.Node) error) (err error) {
	defer yq.Recover(&err)
	decoder := yaml.NewDecoder(bytes.NewReader(doc))
	for {
		var n yaml.Node
		if err := decoder.Decode(&n); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if len(n.Content) != 1 {
			return errors.New("the document has no content")
		}
		if err := visit(n.Content[0]); err != nil {
			return err
		}
	}
}

func setUntouched(n *yqlib.CandidateNode) {
	n.EncodeHint = untouchedHint
	for _, child := range n.Content {
		setUntouched(child)
	}
}

// inspectNode refuses what no evaluation can be trusted on: templates that YAML happens to read, and anchors that contain
// themselves.
func inspectNode(src *source.Text, n *yaml.Node, around []*yaml.Node) error {
	if n.Kind == yaml.AliasNode && slices.Contains(around, n.Alias) {
		return problem.New(problem.Refused, "write the value out in place of the alias",
			"reading the file: the anchor %q contains an alias of itself", n.Value).At(src.Place(nil, n))
	}
	if src.IsTemplate(n) {
		return problem.New(problem.Refused, "name the file that holds the values, not the template;\nor quote the template: \"{{ … }}\"",
			"reading the file: a template {{ … }} without quotes, which YAML reads as a map").At(src.Place(nil, n))
	}
	around = append(around, n)
	for _, child := range n.Content {
		if err := inspectNode(src, child, around); err != nil {
			return err
		}
	}
	return nil
}

// explainUndecodable places a reader's error; a Problem that we raised passes through.
func explainUndecodable(src *source.Text, err error) error {
	if problem.As(err) != nil {
		return err
	}
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return problem.New(problem.Refused, "correct the YAML", "reading the file as YAML: %w", err)
	}
	for _, at := range []yaml.Mark{load.ContextMark, load.Mark} {
		for _, mark := range []string{"{{", "{%"} {
			if strings.Contains(src.Line(at.Line), mark) {
				return problem.New(problem.Refused, "name the file that holds the values, not a template",
					"reading the file as YAML: line %d looks like a template %s … %s: %s",
					at.Line, mark, map[string]string{"{{": "}}", "{%": "%}"}[mark], load.Message).
					At(problem.Place{Line: at.Line})
			}
		}
	}
	return problem.New(problem.Refused, "correct the YAML", "reading the file as YAML: %s", load.Message).
		At(problem.Place{Line: load.Mark.Line, Column: load.Mark.Column})
}
