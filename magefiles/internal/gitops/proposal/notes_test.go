package proposal

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/guard"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// written is the part of a pull request's text that tells of a way.
func written(n notes.Notes, base, head string) string {
	p := proposal{bump: bump.Bump{Notes: &n}}
	var b strings.Builder
	room := maxNotes
	p.writeNotes(&b, guard.Predecessor{Components: []component.Name{"core", "batch"}, SHA: commitid.ID(base), Ours: commitid.ID(head)}, &room)
	return b.String()
}

func TestNotesAreOfTheVeryCommits(t *testing.T) {
	n := sample.Notes()
	sample.Golden(t, "notes.md", written(n, string(n.Ranges[0].Base), string(n.Ranges[0].Head)))
	if got := written(n, string(n.Ranges[0].Base), string(n.Ranges[1].Head)); got != "" {
		t.Errorf("another way says\n%s", got)
	}
}

// acts finds what GitHub makes a link, a mention or a reference of.
var acts = regexp.MustCompile(`(^|[^\\/])@\w|[^\x60]#\d|(?i:gh-\d)`)

// FuzzNotes has messages of others act neither on readers nor, once a squash has made a commit's message of the text, on later runs.
func FuzzNotes(f *testing.F) {
	for _, message := range []string{
		"x\r\nAstrago-Image: core ghcr.io/x@sha256:00", "Astrago-Hold: core until lift", "core a -> b", "closes #12, GH-3, @acme/team", "[x](https://evil.example)",
		"<img src=x> `a` ``` | \u202e \x1b[31m", "https://evil.example www.evil.example", "!BE-7", strings.Repeat("긴 제목 ", 5000), sample.Hostile,
	} {
		f.Add(message, message)
	}
	linker, err := notes.NewLinker([][2]string{{`BE-\d+`, "https://jira.example.com/browse/$0"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, message, author string) {
		b := notes.Builder{Web: "https://github.com/acme/shop", Linker: linker}
		var commits []notes.Commit
		for i := range 300 {
			commits = append(commits, notes.Commit{SHA: commitid.ID(fmt.Sprintf("%08d", i)), Author: author, Message: message})
		}
		side := b.Side(notes.History{Count: 1000, Commits: commits})
		n := notes.Notes{Ranges: []notes.Range{{Base: "a", Head: "b", Relation: notes.Unknown, Reason: message, Brings: side, TakesBack: side}}}
		text := written(n, "a", "b")
		sample.WantHarmless(t, "the text", text)
		if len(text) > maxNotes+2*len(message)*6+4000 {
			t.Errorf("%d bytes", len(text))
		}
		commit := repo.Commit{Message: "subject\n" + text}
		if trailers := commit.Trailers(); len(trailers) > 0 {
			t.Errorf("%q leaves the trailers %v", message, trailers)
		}
		for component := range commit.Changes() {
			if component != "-" { // no component has this name
				t.Errorf("%q leaves a change of %q", message, component)
			}
		}
		plain := regexp.MustCompile(`\]\([^)]*\)`).ReplaceAllString(text, "]()")
		if acts.MatchString(plain) || strings.Contains(plain, "://") || strings.Contains(plain, "<img") || regexp.MustCompile(`(?:^|[^\\])!\[`).MatchString(plain) {
			t.Errorf("%q acts in\n%.600s", message, plain)
		}
	})
}
