package preflight

import (
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// The job that deploys takes the images that the job that builds has handed over, and no others: by name and digest, each of them.
func TestAttackHandedOverImages(t *testing.T) {
	built, other := digest.FromString("built"), digest.FromString("other")
	image := plan.Image{Component: "core", Repository: refs.Repository("ghcr.io/acme/x"), Tag: "core-stage-79d9c5d7"}
	ref := image.Ref().String() + "@"
	for name, test := range map[string]struct {
		images []string
		status int
	}{
		"handed over":              {images: []string{"ghcr.io/acme/y:1@" + built.String(), ref + built.String()}},
		"nothing is said":          {},
		"nothing is handed over":   {images: []string{}, status: problem.Refused},
		"another digest":           {images: []string{ref + other.String()}, status: problem.Refused},
		"its digest, another name": {images: []string{"ghcr.io/acme/y:1@" + built.String()}, status: problem.Refused},

		"its name alone":            {images: []string{image.Ref().String()}, status: problem.Usage},
		"its digest alone":          {images: []string{image.Repository.At(built).String()}, status: problem.Usage},
		"its digest's first digits": {images: []string{ref + built.String()[:40]}, status: problem.Usage},
		"no reference":              {images: []string{"-only=core"}, status: problem.Usage},
	} {
		handedOver, err := ParseHandedOver(test.images)
		if err == nil {
			c := &Checker{plan: &plan.Plan{Images: []plan.Image{image}}, options: Options{Images: handedOver}}
			err = c.requireHandedOver(&State{Published: []ocispec.Descriptor{{Digest: built}}})
		}
		if p := problem.As(err); err == nil && test.status != 0 || err != nil && (p == nil || p.Status != test.status) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
