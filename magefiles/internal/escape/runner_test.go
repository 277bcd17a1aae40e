package escape_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

func TestCommandEscapes(t *testing.T) {
	tests := []struct{ got, want string }{
		{escape.Command("group", "build"), "::group::build"},
		{escape.Command("error", "100%\r\nnext: a, b", "file", "", "title", "a: b, 5%\n"), "::error title=a%3A b%2C 5%25%0A::100%25%0D%0Anext: a, b"},
		{escape.Command("error", "m", "file", "docker/core/Dockerfile", "line", "3"), "::error file=docker/core/Dockerfile,line=3::m"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("got  %q\nwant %q", test.got, test.want)
		}
	}
}

func TestRunner(t *testing.T) {
	tests := map[string]string{
		"plain: text :: here": "plain: text :: here",
		"::add-mask::x":       ":\u200b:add-mask::x",
		" \t::error::x":       " \t:\u200b:error::x",
		"\u00a0::x::y":        "\u00a0:\u200b:x::y",
		"x ##[error]y":        "x ##\u200b[error]y",
	}
	for line, want := range tests {
		if got := escape.Runner(line); got != want {
			t.Errorf("escape.Runner(%q) = %q, want %q", line, got, want)
		}
	}
}
