package imageref_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

func TestParseRepository(t *testing.T) {
	if got, err := imageref.ParseRepository("ghcr.io/acme/shop"); err != nil || got.String() != "ghcr.io/acme/shop" {
		t.Errorf("got %v, %v", got, err)
	}
	for _, text := range []string{"ghcr.io/acme/shop:1", "ghcr.io/acme/shop@" + sum, "ghcr.io/acme/Shop"} {
		if got, err := imageref.ParseRepository(text); !isUsage(err) || !got.IsZero() {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
}

func TestScopes(t *testing.T) {
	r := imageref.Repository{Host: "ghcr.io", Path: "acme/shop"}
	if r.PullScope() != "repository:acme/shop:pull" || r.Tagged("1").PushScope() != "repository:acme/shop:pull,push" {
		t.Errorf("%q and %q", r.PullScope(), r.Tagged("1").PushScope())
	}
}
