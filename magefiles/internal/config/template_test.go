package config_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

func TestTemplateExecute(t *testing.T) {
	fields := map[string]string{"Component": "core", "ShortSHA": "0a1b2c3d"}
	for _, test := range []struct{ text, want, failure string }{
		{text: "{{ .Component }}-{{ .ShortSHA }}", want: "core-0a1b2c3d"},
		{text: `{{ with .Component }}{{ printf "%.2s" . }}{{ end }}`, want: "co"},
		{text: "", want: ""},
		{text: "{{ .Version }}", failure: `map has no entry for key "Version"`},
		{text: "{{ .Component }", failure: `unexpected "}" in operand`},
		{text: "{{ nope }}", failure: `function "nope" not defined`},
		{text: `{{ template "x" }}`, failure: `template "x" not defined`},
	} {
		got, err := config.Template{Text: test.text}.Execute(fields)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if got != test.want || message != test.failure {
			t.Errorf("%q: got %q, error %q", test.text, got, message)
		}
	}
}

func TestTemplateExecuteTakesAStruct(t *testing.T) {
	got, err := config.Template{Text: "{{ .Tag }}"}.Execute(struct{ Tag string }{"x"})
	if err != nil || got != "x" {
		t.Errorf("got %q, error %v", got, err)
	}
}
