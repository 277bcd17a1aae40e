package imageref_test

import (
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

func TestShortDigest(t *testing.T) {
	for d, want := range map[digest.Digest]string{
		"": "", "sha256:": "", "sha256:12": "12", "nothing": "nothing", digest.FromString(""): "e3b0c44298fc",
	} {
		if got := imageref.ShortDigest(d); got != want {
			t.Errorf("%q: %q, want %q", d, got, want)
		}
	}
}
