package yamledit

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// verifyEdit checks an edited file without trusting how it was made: what was taken out is exactly the scalars to replace,
// every byte outside of them is still there, and the whole decodes to what yq's evaluation gives.
func verifyEdit(src *source.Text, edited []byte, replacements []source.Replacement, docs []*document) error {
	err := verifySpans(src, replacements)
	if err == nil {
		err = verifyBytes(src.Bytes(), edited, replacements)
	}
	if err == nil {
		err = verifyMeaning(edited, docs)
	}
	if err == nil {
		return nil
	}
	return problem.New(problem.Refused, "write the value in quotes on the line of its key in the file once\n"+
		"if it is written so, this is a bug in astrago-ci: please report it with the shape of these lines",
		"checking the edited file before using it: %w", err).At(problem.Place{Line: src.LineAt(replacements[0].Start)})
}

// verifySpans decodes each replaced text, and what replaces it, by itself: both are the scalar and no byte more.
func verifySpans(src *source.Text, replacements []source.Replacement) error {
	for _, r := range replacements {
		if r.Whole && !isScalar(src.Bytes()[r.Start:r.End], r.Old) {
			return fmt.Errorf("the text to replace in line %d is not just the value", src.LineAt(r.Start))
		}
		if r.Whole && !isScalar([]byte(r.Text), r.New) {
			return fmt.Errorf("the new text for line %d is not just the value", src.LineAt(r.Start))
		}
	}
	return nil
}

// isScalar reports whether text is one scalar that reads as value, without a comment, an anchor, a tag or space around it: on
// a line of its own, or between brackets, where some texts may stand that would start a list on a line.
func isScalar(text []byte, value string) bool {
	if len(bytes.Trim(text, " \t\r\n")) != len(text) {
		return false
	}
	// At the start of a line, --- and ... would be marks of documents.
	return readsAs(value, " "+string(text), 0) || readsAs(value, "["+string(text)+"]", 1)
}

// readsAs decodes text and looks for one scalar at a depth below the document.
func readsAs(value, text string, depth int) bool {
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		return false
	}
	got := &n
	for range depth + 1 {
		if len(got.Content) != 1 || hasComment(got) {
			return false
		}
		got = got.Content[0]
	}
	return got.Kind == yaml.ScalarNode && got.Value == value && got.Anchor == "" && got.Style&yaml.TaggedStyle == 0 && !hasComment(got)
}

func hasComment(n *yaml.Node) bool { return n.HeadComment+n.LineComment+n.FootComment != "" }

// verifyBytes compares the text around the replacements, in both files.
func verifyBytes(doc, edited []byte, replacements []source.Replacement) error {
	damaged, done := errors.New("it differs from the file in more than the values to set"), 0
	for _, r := range replacements {
		kept := r.Start - done
		next := kept + len(r.Text)
		if kept < 0 || next > len(edited) || !bytes.Equal(doc[done:r.Start], edited[:kept]) || string(edited[kept:next]) != r.Text {
			return damaged
		}
		edited, done = edited[next:], r.End
	}
	if !bytes.Equal(doc[done:], edited) {
		return damaged
	}
	return nil
}

// verifyMeaning decodes the edited file and compares it with the evaluation, node by node.
func verifyMeaning(edited []byte, docs []*document) error {
	count := 0
	err := eachDocument(edited, func(root *yaml.Node) error {
		if count == len(docs) {
			return errors.New("it has more documents than yq's evaluation")
		}
		if at := firstDifference(root, docs[count].evaluated); at != nil {
			return fmt.Errorf("it decodes to something else than yq's evaluation at %s", yq.Shown(at))
		}
		count++
		return nil
	})
	if err == nil && count < len(docs) {
		err = errors.New("it has fewer documents than yq's evaluation")
	}
	return err
}

// firstDifference is the first node of want that got does not equal in kind, tag, value, anchor or number of children; nil
// when there is none. The anchor of an assigned scalar stays in the file, whatever yq does with it.
func firstDifference(got *yaml.Node, want *yqlib.CandidateNode) *yqlib.CandidateNode {
	if kindOf(got) != want.Kind || got.Value != want.Value || len(got.Content) != len(want.Content) ||
		got.Kind != yaml.AliasNode && got.Tag != want.Tag ||
		got.Anchor != want.Anchor && !isAssigned(want) {
		return want
	}
	for i := range got.Content {
		if at := firstDifference(got.Content[i], want.Content[i]); at != nil {
			return at
		}
	}
	return nil
}
