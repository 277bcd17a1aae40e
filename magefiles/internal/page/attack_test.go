package page_test

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/page"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// element finds what a browser takes for the beginning of an element, a comment or an instruction.
var element = regexp.MustCompile(`<[/!?]?[A-Za-z-][A-Za-z0-9-]*`)

// tags are those of the page of a failed run whose texts are all the given one.
func tags(t *testing.T, text string) []string {
	t.Helper()
	r := report.Report{
		Command: report.CommandRelease, Outcome: report.Failed, Service: text, Environment: text,
		Commit: report.Commit{SHA: "a1b2c3d4e5f60718a1b2c3d4e5f60718a1b2c3d4", Title: text, Author: text, Branch: text},
		Stages: []report.Timing{{Name: text, Outcome: report.Failed, Note: text}},
	}
	r.Fail(errors.New("building: " + text))
	r.Next = text
	var b bytes.Buffer
	if err := page.WriteRun(&b, r, "en"); err != nil {
		t.Fatal(err)
	}
	return element.FindAllString(b.String(), -1)
}

// FuzzPage holds the page of hostile text against that of plain text: it has the same elements.
func FuzzPage(f *testing.F) {
	for _, text := range []string{
		sample.Hostile, "</td><script>alert(1)</script>", "\"><img src=x onerror=y>", "<!-- ", "</style><style>", "javascript:alert(1)", "&lt;b&gt;", "'\"`${x}{{.}}", "a<b",
	} {
		f.Add(text)
	}
	plain := []string(nil)
	f.Fuzz(func(t *testing.T, text string) {
		text = "x" + strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), " ") + "x" // one line, and not empty
		if plain == nil {
			plain = tags(t, "xx")
		}
		if got := tags(t, text); !slices.Equal(got, plain) {
			t.Errorf("%q has %q, want %q", text, got, plain)
		}
	})
}
