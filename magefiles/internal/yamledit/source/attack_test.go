package source_test

import (
	"strings"
	"testing"
)

// TestNoPlaceShowsAText writes a credential in every way in which a file can hold a text: whatever a message points at in that
// file, it does not quote it.
func TestNoPlaceShowsAText(t *testing.T) {
	const secret = "hunter2hunter2"
	for _, written := range []string{
		"S", "'S'", `"S"`, "|\n    S", ">-\n    S\n    S", "&x S", "!vault S", "!vault |\n    S", "!!str S", "!!binary S",
		"!!int S", `!!int "S"`, "!!null S",
		"!!bool 'S'", "!!float |\n    S", "!!timestamp S", "!<tag:yaml.org,2002:int> S", "{b: S}", "[S]", "[[S, 1], {b: {c: S}}]", "\n    b: S",
		"\n    - S", "1 S", "x\n    S", "{{ S: x }: y}", `{"b": "S"}`,
	} {
		for name, lineBreak := range lineBreaks {
			doc := strings.ReplaceAll(strings.ReplaceAll("z: 1\na:\n  k: "+written+"\n  l: 2\n", "S", secret), "\n", lineBreak)
			text, root := read(t, doc)
			for _, snippet := range everyPlace(text, root) {
				if strings.Contains(snippet, secret) {
					t.Errorf("%s: %q is shown as %q", name, doc, snippet)
				}
			}
		}
	}
}
