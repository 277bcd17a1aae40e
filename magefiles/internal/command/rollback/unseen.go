package rollback

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/history"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// unseenImage is an image of the state to restore that could not be looked at: a state of before this tool may be of another registry.
type unseenImage struct {
	image plan.Image
	err   error // nil: the registry has no such image
}

func (u unseenImage) reason() string {
	if u.err == nil {
		return "the registry has no such image, or the token may not see it"
	}
	return problem.FirstLine(u.err)
}

// restoredImage looks at an image of the state to restore. Of one that cannot be looked at, the values or a bump may know the digest.
func (r *rollback) restoredImage(ctx context.Context, origin history.Provenance, image plan.Image) (ocispec.Descriptor, error) {
	desc, err := rollout.Resolve(ctx, r.env.Clients.Registry(), image)
	if cause := context.Cause(ctx); cause != nil {
		return desc, cause
	}
	if err == nil && desc.Digest != "" {
		return desc, r.requireUnmoved(image, origin, desc)
	}
	r.unseen = append(r.unseen, unseenImage{image: image, err: err})
	known := cmp.Or(r.target.pins[image.Component].Digest, origin.Digest, r.at.Kept(image).Digest)
	return ocispec.Descriptor{Digest: known}, nil
}

func (r *rollback) isUnseen(name component.Name) bool {
	return slices.ContainsFunc(r.unseen, func(u unseenImage) bool { return u.image.Component == name })
}

// requireSeen refuses to deploy what could not be looked at, unless that is forced.
func (r *rollback) requireSeen() error {
	if len(r.unseen) == 0 {
		return nil
	}
	if !r.options.Force {
		lines := make([]string, len(r.unseen))
		for i, u := range r.unseen {
			lines[i] = u.image.Ref().String() + ": " + u.reason()
		}
		remedy := "go further back: " + r.nextLine() + "\nor name a build: -to=TAG\n" +
			"or, where the images of that time are in another registry, go there without looking at them: add -force"
		return problem.New(problem.Refused, remedy, "looking for the images to go back to:\n  %s", strings.Join(lines, "\n  "))
	}
	for _, u := range r.unseen {
		r.env.Console.Warn(fmt.Sprintf("-force: %s is not looked at: %s", u.image.Ref(), u.reason()))
		r.env.Record.AddUnseen(u.image, r.knownDigest(u.image.Component), u.reason())
	}
	return nil
}

// knownDigest is that of an image that is to come back; "" where it is not known.
func (r *rollback) knownDigest(name component.Name) digest.Digest {
	i := slices.IndexFunc(r.images, func(image bump.Image) bool { return image.Component == name })
	return r.images[i].Digest
}
