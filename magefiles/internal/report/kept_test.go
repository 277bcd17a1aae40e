package report

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

func TestDeployedTagIsTheKeptOne(t *testing.T) {
	r := Report{
		Images:     []Image{{Component: "core", Ref: refs.Image("ghcr.io/acme/backend:core-2")}},
		Deployment: []Deployment{{Kept: []Kept{{Component: "core", Tag: "core-1"}}}},
	}
	if tag := r.deployedTag(r.Images[0]); tag != "core-1" {
		t.Errorf("the values name %q after the run", tag)
	}
}
