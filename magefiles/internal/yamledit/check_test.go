package yamledit

import "testing"

func TestCheckValue(t *testing.T) {
	for _, value := range []string{
		"", " ", "\t", "null", "Null", "NULL", "~", "$TAG", "a-$tag", "${TAG}", "$(TAG)", "$_x", "{{ .Tag }}", "{{",
		"a\nb", "a\r", "\x00", "\x7f", "\u0085", "\u2028", "a\u2029", "\uFEFFa", "\xff",
	} {
		if checkValue(value) == nil {
			t.Errorf("%q is accepted", value)
		}
	}
	for _, value := range []string{"v1", "nullable", "a b", "값", "$", "a$", "5$", "$5", "a{b}", "}}", "~a", "sha256:0123", "it's", `\`, "🚀"} {
		if err := checkValue(value); err != nil {
			t.Errorf("%q: %v", value, err)
		}
	}
}
