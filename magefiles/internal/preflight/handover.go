package preflight

import (
	"errors"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// A release may be two jobs: one that runs what the application and its dependencies wrote and can push images, and one that
// can deploy and runs none of that. The first hands the second a list of images, repository:tag@digest.

// ParseHandedOver reads the values of -images; nil where it was not given. Its error is a problem.Problem.
func ParseHandedOver(texts []string) ([]imageref.Reference, error) {
	if texts == nil {
		return nil, nil
	}
	refs := make([]imageref.Reference, len(texts))
	for i, text := range texts {
		ref, err := imageref.Parse(text)
		if err == nil && (ref.Tag == "" || ref.Digest == "") {
			err = errors.New("it lacks a tag or a digest")
		}
		if err != nil {
			return nil, problem.New(problem.Usage, "hand over what `mage push -build` prints: repository:tag@digest, separated by spaces",
				"reading the image %q of -images: %w", text, err)
		}
		refs[i] = ref
	}
	return refs, nil
}

// requireHandedOver refuses to deploy images other than those that were handed over. It passes where none were.
func (c *Checker) requireHandedOver(s *State) error {
	handedOver := c.options.Images
	if handedOver == nil {
		return nil
	}
	for i, image := range c.plan.Images {
		if digest := s.Published[i].Digest; digest != "" && !slices.Contains(handedOver, image.Ref().WithDigest(digest)) {
			return problem.New(problem.Refused, "run the job that builds again, and hand over what it prints: mage push -build",
				"refusing to deploy %s: the registry has it as %s, which is not what -images hands over%s",
				image.Ref(), digest, handedOverText(handedOver, image))
		}
	}
	return nil
}

// handedOverText says what was handed over in the place of an image.
func handedOverText(handedOver []imageref.Reference, image plan.Image) string {
	for _, ref := range handedOver {
		if ref.WithDigest("") == image.Ref() {
			return ": that is " + ref.Digest.String()
		}
	}
	return ", where it does not stand"
}
