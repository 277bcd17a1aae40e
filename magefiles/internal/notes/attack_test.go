package notes_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
)

// FuzzMessage has a message of others end in a change that is bounded, and that a program reads.
func FuzzMessage(f *testing.F) {
	for _, message := range []string{
		"fix: \x1b]0;x\x07 @team #12 \u202e", "Merge pull request #7 from \n\n\r\n", "a (#1", "feat(((: x", "feat(x): ", "\xff\xfe (#12)", "Revert \"Revert \"x\"\"",
		"BE-1 BE-1 BE-22 ../BE-3", strings.Repeat("x", 1<<20), strings.Repeat("BE-9 ", 1<<16), "x\nAstrago-Image: core a@sha256:00\nBREAKING CHANGE: y",
	} {
		f.Add(message)
	}
	linker, err := notes.NewLinker([][2]string{{`BE-(\d+)`, "https://jira.example.com/browse/BE-$1?x=$0"}, {`(?s).{1,70}`, "http://x.example/$0$1/"}})
	if err != nil {
		f.Fatal(err)
	}
	builder := notes.Builder{Web: "https://github.com/acme/shop", Linker: linker}
	f.Fuzz(func(t *testing.T, message string) {
		side := builder.Side(notes.History{Count: 1, Commits: []notes.Commit{{SHA: "a1", Author: message, Message: message}}})
		all := side.All()
		if len(all) != 1 {
			t.Fatalf("%d changes of one commit", len(all))
		}
		c := all[0]
		for _, text := range []string{c.Title, c.Scope, c.Author, c.Type} {
			if utf8.RuneCountInString(text) > 200 || !utf8.ValidString(text) || strings.ContainsAny(text, "\n\r") {
				t.Fatalf("a text of a change is %q", text)
			}
		}
		wantLinks(t, c)
		if _, err := json.Marshal(side); err != nil {
			t.Fatal(err)
		}
	})
}

// wantLinks: every link leads to a host of the configuration, and the pieces of the title are the title.
func wantLinks(t *testing.T, c notes.Change) {
	t.Helper()
	if len(c.Issues) > 10 {
		t.Fatalf("%d issues", len(c.Issues))
	}
	var text strings.Builder
	for _, s := range c.Segments() {
		text.WriteString(s.Text)
		if s.URL == "" {
			continue
		}
		address, err := url.Parse(s.URL)
		if err != nil || address.Host != "jira.example.com" && address.Host != "x.example" || address.User != nil {
			t.Fatalf("%q leads to %q (%v)", s.Text, s.URL, err)
		}
		if strings.HasPrefix(address.Host, "jira") && !strings.HasPrefix(address.Path, "/browse/BE-") {
			t.Fatalf("%q leads to %q", s.Text, s.URL)
		}
	}
	whole := c.Title
	if c.Scope != "" {
		whole = c.Scope + ": " + whole
	}
	if !strings.HasPrefix(text.String(), whole) {
		t.Fatalf("the pieces are %q, the title %q", text.String(), whole)
	}
}

func TestMessageOfAMegabyteIsRead(t *testing.T) {
	subject := strings.Repeat("긴 제목 ", 1<<17)
	if got := told(commit("s", subject+" (#12)\n\n"+subject)); len(got) != 1 || utf8.RuneCountInString(got[0]) > 210 || !strings.HasSuffix(got[0], "…/1") {
		t.Errorf("%d characters", len(got[0]))
	}
}
