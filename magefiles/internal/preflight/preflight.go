package preflight

import (
	"context"
	"fmt"
	"slices"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// Options are the flags that decide what is done about images.
type Options struct {
	Rebuild bool                 // -rebuild: build also what has been built from the same inputs
	Images  []imageref.Reference // -images: what another job has pushed, by tag and digest; nil: not given
}

// Checker looks at the images of a plan.
type Checker struct {
	env      *cli.Env
	plan     *plan.Plan
	registry *registry.Client
	options  Options
}

// New returns the checker of a run.
func New(env *cli.Env, o Options) *Checker {
	return &Checker{env: env, plan: env.Project.Plan, registry: env.Clients.Registry(), options: o}
}

// summary says how much is left to do.
func (c *Checker) summary(s *State) string {
	all, missing := len(c.plan.Images), len(s.Missing())
	text := fmt.Sprintf("%d of %s published", all-missing, report.Plural(all, "image"))
	if retags := len(s.To(plan.DoRetag)); retags > 0 {
		text += fmt.Sprintf(", %d under another tag", retags)
	}
	return text
}

func (c *Checker) requireClean() error { return c.env.Project.RequireClean(string(c.env.Command.Name)) }

// fetchTags asks for every tag of the plan.
func (c *Checker) fetchTags(ctx context.Context, s *State) error {
	return parallel.Each(ctx, parallel.Lookups, c.plan.Images, func(ctx context.Context, i int, image plan.Image) (err error) {
		s.Published[i], err = rollout.Resolve(ctx, c.registry, image)
		return err
	})
}

// requireSameInputs refuses tags that the registry has with an image of something else: a tag never changes its content.
// A bump that recorded the same digest for this commit proves it without a request, and so does the job that hands it over; else the
// image is asked.
func (c *Checker) requireSameInputs(ctx context.Context, s *State) error {
	matcher := c.env.Clients.Matcher()
	return parallel.Each(ctx, parallel.Lookups, c.plan.Images, func(ctx context.Context, i int, image plan.Image) error {
		desc := s.Published[i]
		handedOver := slices.Contains(c.options.Images, image.Ref().WithDigest(desc.Digest))
		if desc.Digest == "" || handedOver || c.isRecorded(s, image, desc) {
			return nil
		}
		return matcher.Ensure(ctx, image, desc)
	})
}

// isRecorded reports whether a bump of this very commit named this very image.
func (c *Checker) isRecorded(s *State, image plan.Image, desc ocispec.Descriptor) bool {
	for _, snapshot := range s.Snapshots {
		for _, commit := range snapshot.History {
			trailers := commit.Trailers()
			repository, sha, _ := trailers.SourceOf(image.Component)
			if repository == "" || sha != c.plan.Commit.SHA || !trailer.IsSelf(c.plan.Formerly, c.plan.Commit.Repository, repository) {
				continue
			}
			named, deployed := trailers.Image(image.Component)
			if named == image.Repository.String() && deployed == desc.Digest {
				return true
			}
		}
	}
	return false
}
