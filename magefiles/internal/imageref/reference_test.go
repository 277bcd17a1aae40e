package imageref_test

import (
	"strings"
	"testing"

	"github.com/distribution/reference"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

const sum = "sha256:6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f6e2f"

func TestParse(t *testing.T) {
	shop := imageref.Repository{Host: "ghcr.io", Path: "acme/shop"}
	local := imageref.Repository{Host: "localhost:5000", Path: "shop"}
	for text, want := range map[string]imageref.Reference{
		"ghcr.io/acme/shop":             {Repository: shop},
		"ghcr.io/acme/shop:1":           shop.Tagged("1"),
		"ghcr.io/acme/shop@" + sum:      shop.At(sum),
		"ghcr.io/acme/shop:1@" + sum:    shop.Tagged("1").WithDigest(sum),
		"localhost:5000/shop":           {Repository: local},
		"localhost:5000/shop:1":         local.Tagged("1"),
		"postgres:17":                   imageref.Repository{Host: "docker.io", Path: "library/postgres"}.Tagged("17"),
		"acme/shop:1":                   imageref.Repository{Host: "docker.io", Path: "acme/shop"}.Tagged("1"),
		"[::1]:5000/acme/shop:1@" + sum: imageref.Repository{Host: "[::1]:5000", Path: "acme/shop"}.Tagged("1").WithDigest(sum),
	} {
		if got, err := imageref.Parse(text); err != nil || got != want {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "ghcr.io/Acme/shop", "ghcr.io/acme/shop:", "Acme//a:1", "ghcr.io/acme/shop:{{ .Tag }}", "shop@sha256:00", sum[7:]} {
		if got, err := imageref.Parse(text); !isUsage(err) || !got.IsZero() {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
	}
}

// FuzzParse holds the parser against distribution's own: it takes the same texts, with the same parts, and what it has read reads the
// same again.
func FuzzParse(f *testing.F) {
	for _, text := range seeds {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := imageref.Parse(text)
		want, wantErr := reference.ParseNormalizedNamed(text)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %v, distribution: %v", text, err, wantErr)
		}
		if err != nil {
			return
		}
		if got.String() != want.String() || got.Repository.String() != want.Name() || got.Host != reference.Domain(want) {
			t.Fatalf("%q is %+v, distribution has %v", text, got, want)
		}
		if again, err := imageref.Parse(got.String()); err != nil || again != got {
			t.Fatalf("%q is %+v, and what that says %+v, %v", text, got, again, err)
		}
		if got.Path == "" || strings.Contains(got.Host, "/") {
			t.Fatalf("%q is %+v", text, got)
		}
	})
}

func isUsage(err error) bool {
	p := problem.As(err)
	return p != nil && p.Status == problem.Usage && p.Remedy != ""
}
