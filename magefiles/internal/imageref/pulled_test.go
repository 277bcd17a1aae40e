package imageref_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

func TestPulled(t *testing.T) {
	for name, want := range map[string]string{
		"nginx":                      "docker.io/library/nginx",
		"acme/shop":                  "docker.io/acme/shop",
		"index.docker.io/acme/shop":  "docker.io/acme/shop",
		"registry-1.docker.io/a/b":   "docker.io/a/b",
		"GHCR.io/acme/shop":          "ghcr.io/acme/shop",
		"localhost/shop":             "localhost/shop",
		"registry.test:5000/a":       "registry.test:5000/a",
		"":                           "",
		"a/b:1":                      "",
		"https://ghcr.io/acme/shop":  "",
		"{{ .Values.repository }}/a": "",
	} {
		if got := imageref.Pulled(name).String(); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestPulledAs(t *testing.T) {
	r := imageref.Repository{Host: "ghcr.io", Path: "acme/shop"}
	mirrors := map[string]string{"ghcr.io": "registry.test:5000/ghcr", "ghcr.io/acme/": "acme/", "ghcr.io/acme/s": "x/", "quay.io": "y"}
	var got []string
	for _, name := range r.PulledAs(mirrors) {
		got = append(got, name.String())
	}
	want := []string{"ghcr.io/acme/shop", "registry.test:5000/ghcr/acme/shop", "docker.io/acme/shop"}
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("%q, want %q", got, want)
	}
}
