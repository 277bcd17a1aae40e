package bump

import (
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Validate refuses a bump that names an image which was not resolved: the deployment repository must never ask a cluster for an
// image that the registry lacks.
func (b Bump) Validate() error {
	resolved := make(map[imageref.Reference]bool, len(b.Images))
	for _, image := range b.Images {
		resolved[image.Ref] = image.Unseen && b.Rollback != nil || image.Digest.Validate() == nil
	}
	for _, f := range b.Deployment.Files {
		for _, e := range f.Edits {
			if !e.Image.IsZero() && !resolved[e.Image] {
				return problem.New(problem.Refused, "push it first: mage push",
					"setting %q in %s@%s: no digest of the image is known, so nothing says that the registry has it",
					e.Image, b.Deployment.Repository, b.Deployment.Branch)
			}
			if e.IsPending() {
				return problem.New(problem.Refused, "use {{ .Digest }} or {{ .Ref }} whole, of an image with a sha256 digest",
					"setting values of %q in %s@%s: the digest of its image cannot be filled into `set`",
					e.Component, b.Deployment.Repository, b.Deployment.Branch)
			}
		}
	}
	return nil
}

// Pinned is the bump with the digests of its images in the expressions that ask for them.
func (b Bump) Pinned() Bump {
	digests := map[component.Name]digest.Digest{}
	for _, image := range b.Images {
		digests[image.Component] = image.Digest
	}
	b.Deployment = b.Deployment.Pinned(digests)
	return b
}
