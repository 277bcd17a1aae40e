package release

import (
	"context"
	"fmt"
	"regexp"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
)

// origins looks up what bumps recorded of tags in the first deployment of an environment: each of them has the same.
func (e *existing) origins(ctx context.Context, p *place, wanted []deployment.Wanted) ([]deployment.Origin, error) {
	client, err := e.deployment()
	if err != nil {
		return nil, err
	}
	return client.Origins(ctx, p.snapshots[0], p.probes[0], e.application(), p.environment.Name, wanted, func(component, sha string) string {
		tag, err := plan.TagOf(e.config, p.environment.Name, component, sha)
		if err != nil {
			return ""
		}
		return tag
	})
}

var wholeCommit = regexp.MustCompile(`^[0-9a-f]{40}(?:[0-9a-f]{24})?$`)

// commitOf is the commit that an image was built from: as its bump recorded it, or else as the image itself says; "" where
// neither does.
func (e *existing) commitOf(ctx context.Context, origin deployment.Origin, image plan.Image, desc ocispec.Descriptor) string {
	if origin.SHA != "" {
		return origin.SHA
	}
	found, err := e.registry().Origin(ctx, image.Ref(), desc)
	if err != nil {
		return ""
	}
	return wholeCommitOf(found)
}

// wholeCommitOf is the commit that an image says it was built from, where it is one.
func wholeCommitOf(found inspect.Origin) string {
	if !wholeCommit.MatchString(found.Revision) {
		return ""
	}
	return found.Revision
}

// unrecorded says that nothing can be compared with a bump's trailers.
func (e *existing) unrecorded(origin deployment.Origin, environment string) {
	e.console.Note(fmt.Sprintf("%s: no bump of %s recorded %s, so its digest is not compared with what was deployed", origin.Component, environment, origin.Tag))
}
