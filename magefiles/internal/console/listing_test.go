package console_test

import (
	"bytes"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/console"
)

func TestListingLinesUpWideNames(t *testing.T) {
	var out bytes.Buffer
	console.New(&out, console.Options{}).Listing("files", []console.Row{{Name: "설정.yaml", Text: "created"}, {Name: "go.work", Text: "kept\x1b[31m"}})
	if want := "files\n  설정.yaml  created\n  go.work    kept␛[31m\n\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
