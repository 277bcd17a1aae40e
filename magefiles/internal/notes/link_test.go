package notes_test

import (
	"testing"

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
