package source_test

import (
	"testing"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
)

// FuzzRender writes a string in each style, as a key and as a value of a block and of a flow map: it reads as that string.
func FuzzRender(f *testing.F) {
	for _, value := range []string{
		"", " ", "a", "a ", "\ta", "a b", "a: b", "a:", "a:\tb", "a #b", "a\t#b", "#", "-", "- a", "-a", "--- a", "... a", "...",
		"?", "? a", "?a", ":a", ": a",
		"it's", "'", `"`, `\`, `\n`, "a\nb", "a\r\nb", "\n", "\x00", "\x7f", "\u0085", "\u2028", "\u2029", "\uFEFF", "\uFFFE",
		"\u00a0", "한글", "🚀",
		"{}", "[]", "a,b", "a]", "{{ x }}", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "~", "null", "yes", "=", "<<", "012",
		"1_000", "1e3", "0x1f",
		"1:30", "2024-01-01", ".inf", "-.INF", ".nan", "+.5", "-?a", "-\u00a0a", "a\u3000",
	} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if !utf8.ValidString(value) || len(value) > 500 {
			return // an expression with it is refused; a key of 1024 characters has another syntax
		}
		for _, style := range []yaml.Style{0, yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle} {
			block, flow := source.Render(value, style, false), source.Render(value, style, true)
			for _, doc := range []string{
				"x: " + block + "\n", block + ": x\n", "- " + block + " # c\n", "{x: " + flow + ", z: 1}\n", "{" + flow + ": x}\n",
				"[" + flow + "]\n",
			} {
				found := 0
				for _, n := range scalars(rootOf(t, doc)) {
					if n.Value == value && n.ShortTag() == source.StringTag {
						found++
					}
				}
				if found == 0 {
					t.Errorf("%q in style %d reads as something else: %q", value, style, doc)
				}
			}
		}
	})
}

// TestRenderKeepsTheStyleThatHolds writes quotes that the file has, and no others where none are needed.
func TestRenderKeepsTheStyleThatHolds(t *testing.T) {
	for _, c := range []struct {
		value  string
		style  yaml.Style
		inFlow bool
		want   string
	}{
		{"v1.2.3-a", 0, true, "v1.2.3-a"},
		{"v1.2.3-a", yaml.SingleQuotedStyle, true, "'v1.2.3-a'"},
		{"v1.2.3-a", yaml.DoubleQuotedStyle, false, `"v1.2.3-a"`},
		{"a,b", 0, false, "a,b"},
		{"a,b", 0, true, `"a,b"`},
		{"1.10", 0, false, `"1.10"`},
		{"1.10", yaml.SingleQuotedStyle, false, "'1.10'"},
		{"=", 0, false, `"="`},
		{"a\nb", yaml.SingleQuotedStyle, false, `"a\nb"`},
	} {
		if got := source.Render(c.value, c.style, c.inFlow); got != c.want {
			t.Errorf("%q in style %d (in flow: %t) is %s, want %s", c.value, c.style, c.inFlow, got, c.want)
		}
	}
}
