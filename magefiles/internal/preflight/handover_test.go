package preflight

import (
	"strings"
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
		images  []string
		refused bool
	}{
		"handed over":               {[]string{"ghcr.io/acme/y:1@" + built.String(), ref + built.String()}, false},
		"nothing is said":           {nil, false},
		"nothing is handed over":    {[]string{}, true},
		"another digest":            {[]string{ref + other.String()}, true},
		"its digest, another name":  {[]string{"ghcr.io/acme/y:1@" + built.String()}, true},
		"its name alone":            {[]string{image.Ref().String()}, true},
		"its digest's first digits": {[]string{ref + built.String()[:40]}, true},
	} {
		c := &Checker{plan: &plan.Plan{Images: []plan.Image{image}}, options: Options{Images: test.images}}
		err := c.requireHandedOver(&State{Published: []ocispec.Descriptor{{Digest: built}}})
		p := problem.As(err)
		if test.refused != (p != nil && p.Status == problem.Refused && strings.Contains(err.Error(), built.String())) || !test.refused && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
