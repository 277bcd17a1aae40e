package targets_test

import (
	"strings"
	"testing"
)

// TestTagsThatAreNone stops before anything is built: each of these has been deployed by somebody's script.
func TestTagsThatAreNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, test := range map[string]struct {
		tag, set string // in astrago.yaml; empty: the example's own
		code     int
		words    []string
	}{
		"empty":                {tag: `'{{ if eq .Environment "prod" }}x{{ end }}'`, code: 2, words: []string{`""`, "not a tag"}},
		"null":                 {tag: "'null'", code: 3, words: []string{"null"}},
		"a variable":           {tag: "'$TAG'", code: 2, words: []string{"$TAG", "not a tag"}},
		"malformed":            {tag: "'{{ .Branch }}'", code: 2, words: []string{"stabilize/1.0", "not a valid tag"}},
		"too long":             {tag: "'" + strings.Repeat("x", 129) + "'", code: 2, words: []string{"not a tag", "128"}},
		"an unknown field":     {tag: "'{{ .Sha }}'", code: 2, words: []string{".Sha", ".SHA"}},
		"set to nothing":       {set: `'.shop.{{ .Component }}.imageTag = ""'`, code: 3, words: []string{"shop.frontend.imageTag", "empty"}},
		"set to null":          {set: `'.shop.{{ .Component }}.imageTag = "null"'`, code: 3, words: []string{"shop.frontend.imageTag", "null"}},
		"set to a variable":    {set: `'.shop.{{ .Component }}.imageTag = "$TAG"'`, code: 3, words: []string{"shop.frontend.imageTag", "a variable that was not filled in"}},
		"set to a template":    {set: `'.shop.{{ .Component }}.imageTag = "{{ "{{ .Tag }}" }}"'`, code: 3, words: []string{"shop.frontend.imageTag", "was not filled in"}},
		"a key that is absent": {set: `'.shop.{{ .Component }}.tag = "{{ .Tag }}"'`, code: 3, words: []string{"shop.frontend", "tag"}},
		"a number":             {set: `'.replicas.core = "{{ .Tag }}"'`, code: 3, words: []string{"replicas.core", "string"}},
		"a map":                {set: `'.shop.{{ .Component }} = "{{ .Tag }}"'`, code: 3, words: []string{"shop.frontend"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.application("frontend")
			if test.tag != "" {
				a.replace("astrago.yaml", "service: frontend", "service: frontend\ntag: "+test.tag)
			}
			if test.set != "" {
				a.replace("astrago.yaml", `set: '.shop.{{ .Component }}.imageTag = "{{ .Tag }}"'`, "set: "+test.set)
			}
			a.commit("a mistake")
			result := a.refuse(test.code, test.words, "release")
			if strings.Contains(result.stderr, "▸ build") {
				t.Errorf("an image was built:\n%s", result.stderr)
			}
			a.nothing()
		})
	}
}

// TestCreate adds a key where the configuration permits it, once.
func TestCreate(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.replace("astrago.yaml", ".imageTag =", ".revision =")
	a.commit("a new key")
	a.refuse(3, []string{"shop.frontend.revision"}, "release")
	a.replace("astrago.yaml", "      file:", "      create: true\n      file:")
	a.commit("may add a key")
	before := a.values()
	a.succeed("release")
	line := "      revision: 'frontend-stage-" + a.shortSHA() + "'\n"
	if !strings.Contains(a.values(), line) || strings.Replace(a.values(), line, "", 1) != before {
		t.Errorf("values\n%s\nfrom\n%s", a.values(), before)
	}
}
