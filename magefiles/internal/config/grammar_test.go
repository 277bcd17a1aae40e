package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

// parts are the values of a configuration that a test replaces, by key.
const parts = `version: 1
service: SERVICE
image: IMAGE
tag: TAG
components: { web: { dockerfile: PATH, platforms: [PLATFORM] } }
environments:
  stage:
    branches: [GLOB]
    deploy: { repository: REPOSITORY, branch: BRANCH, file: FILE, set: SET }
    argocd: { application: APPLICATION }
`

// parseWith parses a configuration that is right but for one part; value is quoted for YAML.
func parseWith(part, value string) error {
	_, err := config.Parse("astrago.yaml", []byte(textWith(part, value)))
	return err
}

func textWith(part, value string) string {
	defaults := []string{
		"SERVICE", "shop", "IMAGE", "ghcr.io/acme/shop", "TAG", "'{{ .Component }}-{{ .ShortSHA }}'", "PATH", "Dockerfile",
		"PLATFORM", "linux/amd64", "GLOB", "main", "REPOSITORY", "acme/deployment", "BRANCH", "main", "FILE", "values.yaml",
		"SET", "'.tag = \"{{ .Tag }}\"'", "APPLICATION", "shop",
	}
	text := strings.Replace(parts, part, "'"+strings.ReplaceAll(value, "'", "''")+"'", 1)
	return strings.NewReplacer(defaults...).Replace(text)
}

// TestGrammars also holds the expressions that editors get against the parser: they match all that it accepts, and nothing
// else where the grammar is one expression.
func TestGrammars(t *testing.T) {
	schema := compiled(t)
	for _, test := range []struct {
		part     string
		accepted []string
		refused  []string
	}{
		{"SERVICE", []string{"a", "0", "a-b_c.d"}, []string{"-a", "a-", "A", "한글", "a b", "a/b"}},
		{
			"IMAGE",
			[]string{"localhost:5000/a", "127.0.0.1:5000/a/b", "docker.io/library/a", "[::1]:5000/a", "r.example.com/a__b/c-d"},
			[]string{"a", "a/b", "ghcr.io/A", "ghcr.io/a:1", "ghcr.io/a@sha256:" + strings.Repeat("0", 64), "ghcr.io/", "ghcr.io/a/", "ghcr.io/" + strings.Repeat("a", 256)},
		},
		{"PATH", []string{"a", "./a", "a b/c", "a..b/c", "한글"}, []string{"..", "a/../b", "/a", `a\b`, "C:a", "~/a", "a/", ".", "./", " a", "a\tb"}},
		{"PLATFORM", []string{"linux/arm/v7", "darwin/arm64", "wasi/wasm"}, []string{"linux", "linux/", "/amd64", "linux/arm/v7/x", "Linux/amd64"}},
		{"GLOB", []string{"**", "release/*", "v[0-9].?", "a-[^a-z]*", "한글/*"}, []string{"[", "[]", "[^]", "[z-a]", "a//*", "/a", "a b", "-a", "refs/heads/*", "a\\*", "a..*"}},
		{
			"BRANCH",
			[]string{"main", "release/1.0", "한글", "a@b", "a{b}", "HEAD-1", "a.lock.b"},
			[]string{
				"@", "a@{1}", "-a", "a.", "a..b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[b", `a\b`, "a//b", "/a", "a/",
				".a", "a/.b", "a.lock", "a.lock/b", "refs/heads/main",
			},
		},
		{"REPOSITORY", []string{"a/b", "A-1/b.c_d"}, []string{"a", "a/b/c", "/b", "a/", "-a/b", "a/..", "a/b.git", "https://github.com/a/b", "a b/c"}},
		{"APPLICATION", []string{"shop", "argocd/shop", "a.b-c"}, []string{"Shop", "-a", "a_b", "a/b/c"}},
	} {
		for _, value := range test.accepted {
			if err := parseWith(test.part, value); err != nil {
				t.Errorf("%s %q: %v", test.part, value, err)
			}
			if document, ok := instance([]byte(textWith(test.part, value))); !ok || schema.Validate(document) != nil {
				t.Errorf("%s %q is refused by the schema", test.part, value)
			}
		}
		for _, value := range test.refused {
			if err := parseWith(test.part, value); err == nil {
				t.Errorf("%s %q was accepted", test.part, value)
			}
			exact := slices.Contains([]string{"SERVICE", "PLATFORM", "APPLICATION"}, test.part)
			if document, ok := instance([]byte(textWith(test.part, value))); exact && (!ok || schema.Validate(document) == nil) {
				t.Errorf("%s %q is accepted by the schema", test.part, value)
			}
		}
	}
}

func TestTemplatesUseKnownFieldsOnly(t *testing.T) {
	for _, test := range []struct{ text, unknown string }{
		{text: "{{ .Service }}-{{ .Component }}-{{ .Environment }}-{{ .SHA }}-{{ .ShortSHA }}-{{ .Branch }}-{{ .Version }}"},
		{text: `{{ with .Version }}v{{ . }}{{ else }}{{ $.ShortSHA }}{{ end }}`},
		{text: `{{ $v := .Version }}{{ printf "%s-%.4s" $v .SHA }}`},
		{text: `{{ define "x" }}{{ .ShortSHA }}{{ end }}{{ template "x" . }}`},
		{text: `{{ if false }}{{ .Nope }}{{ end }}x`, unknown: ".Nope"},
		{text: `{{ if true }}x{{ else if .Nope }}{{ end }}`, unknown: ".Nope"},
		{text: `{{ with .Version }}x{{ else }}{{ $.Nope }}{{ end }}`, unknown: ".Nope"},
		{text: `{{ range $i, $c := .Nope }}{{ end }}x`, unknown: ".Nope"},
		{text: `x{{ if false }}{{ (printf .Nope).Other }}{{ end }}`, unknown: ".Nope"},
		{text: `{{ define "x" }}{{ .Nope }}{{ end }}x`, unknown: ".Nope"},
		{text: `{{ template "x" .Nope }}{{ define "x" }}{{ end }}x`, unknown: ".Nope"},
	} {
		err := parseWith("TAG", test.text)
		if test.unknown == "" && err != nil {
			t.Errorf("%s: %v", test.text, err)
		}
		if test.unknown != "" && (err == nil || !strings.Contains(err.Error(), "unknown field "+test.unknown)) {
			t.Errorf("%s: got error %v", test.text, err)
		}
	}
}
