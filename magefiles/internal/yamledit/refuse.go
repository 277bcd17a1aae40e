package yamledit

import (
	"fmt"
	"strings"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// refusals word what is wrong with an expression's effect, at its place in the file.
type refusals struct {
	src       *source.Text
	documents []*document
}

// otherKind refuses what turns a node into something else than another scalar.
func (r refusals) otherKind(where nodePath, was *yaml.Node, is *yqlib.CandidateNode) error {
	if was.Kind == yaml.AliasNode {
		return problem.New(problem.Refused,
			fmt.Sprintf("write the value out in place of *%s in the file once;\nor set it at its anchor &%s (line %d), with `shared: "+
				"true` in the entry of `deploy`",
				was.Value, was.Value, was.Alias.Line),
			"setting %s: it is an alias, and the value would replace it", yq.Shown(is)).At(r.src.Place(where.lastKey(), was))
	}
	if was.Tag == "!!null" {
		return r.missingKey(where, is)
	}
	return problem.New(problem.Refused, "name a key whose value is a string",
		"setting %s: it would turn %s into %s", yq.Shown(is), kindName(kindOf(was)), kindName(is.Kind)).
		At(r.src.Place(where.lastKey(), was))
}

// otherKeys refuses what deletes, renames or reorders keys of a map.
func (r refusals) otherKeys(where nodePath, was *yaml.Node, is *yqlib.CandidateNode) error {
	for i := 0; i < len(was.Content); i += 2 {
		if !hasKey(is, was.Content[i]) {
			return problem.New(problem.Refused, "edit the keys of the file by hand; an expression gives values to existing keys only",
				"changing %s: its key %q would be deleted or renamed", yq.Shown(is), was.Content[i].Value).
				At(r.src.Place(was.Content[i], nil))
		}
	}
	return problem.New(problem.Refused, "edit the keys of the file by hand; an expression gives values to existing keys only",
		"changing %s: its keys would be reordered", yq.Shown(is)).At(r.src.PlaceOfCollection(where.lastKey(), was))
}

// otherItems refuses what adds, removes or reorders items of a list.
func (r refusals) otherItems(where nodePath, was *yaml.Node, is *yqlib.CandidateNode) error {
	what := fmt.Sprintf("its %d items would be reordered", len(was.Content))
	if len(was.Content) != len(is.Content) {
		what = fmt.Sprintf("it has %d items and would have %d", len(was.Content), len(is.Content))
	}
	return problem.New(problem.Refused, "edit the list by hand; an expression gives values to existing items only,\n"+
		"for example: (.list[] | select(.name == \"x\") | .tag) = \"value\"",
		"changing %s: %s", yq.Shown(is), what).At(r.src.PlaceOfCollection(where.lastKey(), was))
}

// droppedChange refuses an expression that changes a document and then selects another one.
func droppedChange(d *document) error {
	return problem.New(problem.Refused, "select the document first: select(documentIndex == 0) | .path = \"value\"",
		"editing the document at line %d: the expression changes it and then drops it", d.written.Line).
		At(problem.Place{Line: d.written.Line})
}

// notString refuses a value in the file that is no string: readers of the file rely on its type.
func (r refusals) notString(where nodePath, was *yaml.Node, is *yqlib.CandidateNode) error {
	what := fmt.Sprintf("it is %s in the file, not a string", tagName(was.Tag))
	remedy := "put the value in quotes in the file once, then run again"
	if was.Tag == "!!null" {
		what, remedy = "it has no value in the file (null)", "give it a value in quotes in the file once, then run again"
	}
	return problem.New(problem.Refused, remedy, "setting %s: %s", yq.Shown(is), what).At(r.src.Place(where.lastKey(), was))
}

// notAssignable refuses a value in the expression that is no string.
func (r refusals) notAssignable(where nodePath, was *yaml.Node, is *yqlib.CandidateNode) error {
	return problem.New(problem.Refused, "put the value in the expression in quotes: "+yq.Shown(is)+" = \"value\"",
		"setting %s: the expression gives it %s, not a string", yq.Shown(is), tagName(is.Tag)).At(r.src.Place(where.lastKey(), was))
}

func hasKey(n *yqlib.CandidateNode, key *yaml.Node) bool {
	for i := 0; i < len(n.Content); i += 2 {
		if isSame(key, n.Content[i]) {
			return true
		}
	}
	return false
}

func kindName(k yqlib.Kind) string {
	switch k {
	case yqlib.MappingNode:
		return "a map"
	case yqlib.SequenceNode:
		return "a list"
	case yqlib.AliasNode:
		return "an alias"
	default:
		return "a single value"
	}
}

func tagName(tag string) string {
	switch tag {
	case "!!null":
		return "null"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "a truth value"
	case "!!timestamp":
		return "a date"
	case "!!map":
		return "a map"
	case "!!seq":
		return "a list"
	default:
		return "of type " + strings.TrimPrefix(tag, "!!")
	}
}
