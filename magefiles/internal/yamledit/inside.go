package yamledit

import (
	"errors"
	"strings"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// useValuesObject is the remedy for YAML in a text that cannot be edited where it stands.
const useValuesObject = "give the values as keys: helm.valuesObject, or helm.parameters, in place of helm.values: |;\n" +
	"text in a literal block (|) is edited where it stands, when its own YAML changes in strings alone"

// isInside reports whether an expression has rewritten YAML in a literal block, as in .helm.values |= (from_yaml | .image.tag = "x" |
// to_yaml).
func isInside(was *yaml.Node, is *yqlib.CandidateNode) bool {
	return was.Style&yaml.LiteralStyle != 0 && is.Tag == source.StringTag && was.Value != is.Value &&
		strings.Contains(strings.TrimSpace(was.Value), "\n") && strings.Contains(strings.TrimSpace(is.Value), "\n")
}

// editInside edits the YAML within a block as a file of its own, so that its comments and its layout stay: yq's writer has rewritten the
// whole text. It returns the replacements in the text of was, and sets is to the resulting text.
func (c *comparison) editInside(was *yaml.Node, is *yqlib.CandidateNode) ([]source.Replacement, error) {
	src, docs, err := decodeText(was.Value)
	if err != nil {
		return nil, err
	}
	_, wanted, err := decodeText(is.Value)
	if err != nil {
		return nil, err
	}
	if len(docs) != len(wanted) {
		return nil, errors.New("the text would have another number of documents")
	}
	for i, d := range docs {
		d.evaluated, d.selected = wanted[i].evaluated, true
		forgetLines(d.evaluated)
	}
	found, err := compareTrees(src, docs, policy{check: c.policy.check})
	if err != nil {
		return nil, err
	}
	replacements, err := found.replacements()
	if err != nil {
		return nil, err
	}
	edited := source.Splice(src.Bytes(), replacements)
	if len(replacements) > 0 {
		if err := verifyEdit(src, edited, replacements, docs); err != nil {
			return nil, err
		}
	}
	is.Value = string(edited)
	return replacements, nil
}

func decodeText(text string) (*source.Text, []*document, error) {
	src, err := source.New([]byte(text))
	if err != nil {
		return nil, nil, err
	}
	docs, err := decodeDocuments(src)
	return src, docs, err
}

// forgetLines clears positions that are those of another text.
func forgetLines(n *yqlib.CandidateNode) {
	n.Line, n.Column = 0, 0
	for _, child := range n.Content {
		forgetLines(child)
	}
}

// notInside returns what is wrong with an edit within the block of was, at its line in the file.
func (r refusals) notInside(where nodePath, was *yaml.Node, is *yqlib.CandidateNode, err error) error {
	p := problem.As(err)
	if p == nil {
		return problem.New(problem.Refused, useValuesObject, "setting %s: the YAML in its text: %w", yq.Shown(is), err).
			At(r.src.Place(where.lastKey(), was))
	}
	place := r.src.Place(where.lastKey(), was)
	if p.Place.Line > 0 {
		place = problem.Place{Line: was.Line + p.Place.Line}
	}
	remedy := useValuesObject
	if p.Remedy != "" {
		remedy = p.Remedy + "\nor " + remedy
	}
	return problem.New(problem.Refused, remedy, "setting %s: the YAML in its text: %w", yq.Shown(is), p.Err).At(place)
}
