package report

import "testing"

func TestCommandEscapes(t *testing.T) {
	tests := []struct{ got, want string }{
		{command("group", "build"), "::group::build"},
		{command("error", "100%\r\nnext: a, b", "file", "", "title", "a: b, 5%\n"), "::error title=a%3A b%2C 5%25%0A::100%25%0D%0Anext: a, b"},
		{command("error", "m", "file", "docker/core/Dockerfile", "line", "3"), "::error file=docker/core/Dockerfile,line=3::m"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("got  %q\nwant %q", test.got, test.want)
		}
	}
}

func TestDefuse(t *testing.T) {
	tests := map[string]string{
		"plain: text :: here": "plain: text :: here",
		"::add-mask::x":       ":\u200b:add-mask::x",
		" \t::error::x":       " \t:\u200b:error::x",
		"x ##[error]y":        "x ##\u200b[error]y",
	}
	for line, want := range tests {
		if got := defuse(line); got != want {
			t.Errorf("defuse(%q) = %q, want %q", line, got, want)
		}
	}
}

func TestAnnotationPlaces(t *testing.T) {
	tests := []struct {
		place *Place
		want  string
	}{
		{nil, "::error title=t::boom"},
		{&Place{File: "astrago.yaml"}, "::error file=astrago.yaml,title=t::boom"},
		{&Place{File: "a,b.yaml", Line: 2, Column: 5}, "::error file=a%2Cb.yaml,line=2,col=5,title=t::boom"},
		{&Place{File: "owner/name@main:values.yaml", Line: 2}, "::error title=t::owner/name@main:values.yaml:2: boom"},
	}
	for _, test := range tests {
		if got := annotation("error", "t", Error{Message: "boom", Place: test.place}); got != test.want {
			t.Errorf("got  %q\nwant %q", got, test.want)
		}
	}
}
