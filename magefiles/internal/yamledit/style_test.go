package yamledit_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

// Every reader must take the new value for the string that it is.
func TestApplyAddsQuotesWhereNeeded(t *testing.T) {
	for _, value := range []string{
		"1234e56", "0123456", "12345678", "1.20", "0x1f", "0o17", "0b1", "1_000", "-1", "+1", ".5", "5.", "1e3", "-.inf", ".NaN",
		"yes", "No", "on", "OFF", "y", "N", "true", "False", "2024-01-01", "2024-1-1 10:00:00", "1:30", "190:20:30.15", "<<", "=",
		"a: b", "a:", "a #b", "- a", "? a", ": a", "#a", "&a", "*a", "!a", "|", ">", "'a", "\"a", "%a", "@a", "`a", "[a", "{a", "]", "}", ",",
		" a", "a ", "-", "---", "...",
	} {
		edit, err := yamledit.Apply([]byte("tag: old # note\nn: {tag: old, o: p}\n"), `.tag = "`+strings.ReplaceAll(value, `"`, `\"`)+`"`)
		if err != nil {
			t.Errorf("%q: %v", value, err)
			continue
		}
		if want := `tag: "` + strings.ReplaceAll(value, `"`, `\"`) + "\" # note\nn: {tag: old, o: p}\n"; string(edit.Bytes) != want {
			t.Errorf("%q: got %q", value, edit.Bytes)
		}
	}
	for _, value := range []string{"a,b", "a]", "{a}", "a?b", "a, b", ":a"} {
		edit, err := yamledit.Apply([]byte("n: {tag: old, o: p}\n"), `.n.tag = "`+value+`"`)
		if want := `n: {tag: "` + value + "\", o: p}\n"; err != nil || string(edit.Bytes) != want {
			t.Errorf("%q: got %+v, %v", value, edit, err)
		}
	}
	for _, value := range []string{"core-stage-a1b2c3d4", "1.2.3", "v1", "1a", "0x", "a:b", "a#b", "-a", "a b", "a,b", "값", "sha256:12", "~a", "nullish", "1-2", "e5"} {
		edit, err := yamledit.Apply([]byte("tag: old\n"), `.tag = "`+value+`"`)
		if want := "tag: " + value + "\n"; err != nil || string(edit.Bytes) != want {
			t.Errorf("%q: got %+v, %v", value, edit, err)
		}
	}
}
