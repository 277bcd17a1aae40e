package preflight

import (
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// A release may be two jobs: one that runs what the application and its dependencies wrote and can push images, and one that
// can deploy and runs none of that. The first hands the second a list of images, repository:tag@digest.

// requireHandedOver refuses to deploy images other than those that were handed over. It passes where none were.
func (c *Checker) requireHandedOver(s *State) error {
	handedOver := c.options.Images
	if handedOver == nil {
		return nil
	}
	for i, image := range c.plan.Images {
		if digest := s.Published[i].Digest; digest != "" && !slices.Contains(handedOver, image.Ref().WithDigest(digest).String()) {
			return problem.New(problem.Refused, "run the job that builds again, and hand over what it prints: mage push -build",
				"refusing to deploy %s: the registry has it as %s, which is not what -images hands over%s",
				image.Ref(), digest, handedOverText(handedOver, image))
		}
	}
	return nil
}

// handedOverText says what was handed over in the place of an image.
func handedOverText(handedOver []string, image plan.Image) string {
	for _, ref := range handedOver {
		if digest, ok := strings.CutPrefix(ref, image.Ref().String()+"@"); ok {
			return ": that is " + digest
		}
	}
	return ", where it does not stand"
}
