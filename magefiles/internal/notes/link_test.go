package notes_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
)

func TestKeysLeadWhereTheConfigurationSays(t *testing.T) {
	linker, err := notes.NewLinker([][2]string{
		{`\b(?:BE|FE)-(\d+)\b`, "https://jira.example.com/browse/$0"}, {`ticket ([^ ]+)`, "https://t.example/?q=$1&n=$2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]notes.Issue{
		"BE-12: a":                 {{Key: "BE-12", URL: "https://jira.example.com/browse/BE-12"}},
		"FE-2, BE-1, FE-2":         {{Key: "FE-2", URL: "https://jira.example.com/browse/FE-2"}, {Key: "BE-1", URL: "https://jira.example.com/browse/BE-1"}},
		"ticket a/b?c=d#e&f@g.com": {{Key: "ticket a/b?c=d#e&f@g.com", URL: "https://t.example/?q=a%2Fb%3Fc%3Dd%23e%26f%40g.com&n="}},
		"ticket ..":                nil,
		"XBE-1":                    nil,
		"":                         nil,
	} {
		got := linker.Issues(text)
		if len(got) != len(want) {
			t.Errorf("%q has %v, want %v", text, got, want)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%q has %v, want %v", text, got, want)
			}
		}
	}
	if _, err := notes.NewLinker([][2]string{{"(", "https://x.example/"}}); err == nil {
		t.Error("a pattern that does not parse is taken")
	}
}

// TestAttackKeys: a key leads where its own address is, however others begin like it, stand before it or name it again.
func TestAttackKeys(t *testing.T) {
	linker, err := notes.NewLinker([][2]string{{`[A-Z]+-\d+`, "https://jira.example.com/browse/$0"}, {`at (\.?)(\.?)x`, "https://t.example/a/$1$2"}})
	if err != nil {
		t.Fatal(err)
	}
	builder := notes.Builder{Linker: linker}
	for message, want := range map[string]string{
		"Merge pull request #7 from x/BE-1\n\nBE-12: title":  "[BE-12]: title [BE-1]",
		"Merge pull request #7 from x/BE-1\n\nBE-1 of BE-12": "[BE-1] of [BE-12]",
		"Merge pull request #7 from x/E-1\n\nBE-1 of E-1":    "[BE-1] of [E-1]",
		"Merge pull request #7 from x/BE-12\n\nBE-1":         "[BE-1] [BE-12]",
		"fix: BE-1을 고침":                                      "[BE-1]을 고침",
		strings.Repeat("BE-1 ", 30) + "\n\nBE-2":             strings.Repeat(" BE-1", 30)[1:] + " [BE-2]",
		"at ..x at .x at x":                                  "at ..x at .x [at x]",
	} {
		change := builder.Side(notes.History{Count: 1, Commits: []notes.Commit{{SHA: "a", Parents: []commitid.ID{"b", "c"}, Message: message}}}).All()[0]
		var got strings.Builder
		for _, s := range change.Segments() {
			if s.URL == "" {
				got.WriteString(s.Text)
				continue
			}
			if key := strings.TrimPrefix(s.URL, "https://jira.example.com/browse/"); key != s.Text && s.URL != "https://t.example/a/" {
				t.Errorf("%s leads to %s", s.Text, s.URL)
			}
			got.WriteString("[" + s.Text + "]")
		}
		if text := strings.Replace(got.String(), "[BE-1]", "BE-1", strings.Count(message, "BE-1 ")/30); text != want {
			t.Errorf("%q reads %q, want %q", message, text, want)
		}
	}
}
