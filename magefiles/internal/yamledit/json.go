package yamledit

import (
	"bytes"
	"errors"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
)

// applyJSON edits the text that YAML reads, takes the same edit over to the file, and proves that reading the edited file
// gives the edited text.
func applyJSON(doc, text []byte, moved source.Shifts, expressions []string, p policy) (*Edit, error) {
	edit, replacements, err := applyText(text, expressions, p)
	if err != nil {
		return nil, err
	}
	want := edit.Bytes
	inFile := make([]source.Replacement, len(replacements))
	for i, r := range replacements {
		inFile[i] = r
		// What a string begins with is its quote, so that no escape stands at the very start.
		inFile[i].Span = source.Span{Start: moved.Offset(r.Start), End: moved.Offset(r.End)}
	}
	edit.Bytes = source.Splice(doc, inFile)
	err = verifyBytes(doc, edit.Bytes, inFile)
	if read, _ := source.ReadJSON(edit.Bytes); err == nil && !bytes.Equal(read, want) {
		err = errors.New("the file would read as something else")
	}
	if err != nil {
		return nil, problem.New(problem.Refused, "write the value without escapes in the file once",
			"checking the edited JSON before using it: %w", err)
	}
	return edit, nil
}
