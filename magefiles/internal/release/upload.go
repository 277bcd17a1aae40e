package release

import (
	"cmp"
	"context"
	"slices"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// delivery is images by the way in which they get their tags.
type delivery struct {
	uploads []push.Image     // from the layout
	retags  []push.Retag     // a daemon has pushed them
	absent  []plan.Image     // they are not here, or not fit to be pushed
	reasons map[string]error // why an absent one is not pushed, by reference
}

// upload gives every image its tag, or finds that it has one. own are images that this run has built.
func (s *session) upload(ctx context.Context, images []plan.Image, own bool, stage *report.Stage) ([]push.Pushed, error) {
	layout, err := build.OpenLayout(s.layout())
	if err != nil {
		return nil, err
	}
	same := s.sameness(ctx)
	d := s.deliver(ctx, layout, same, images, own)
	done, err := s.requirePushed(ctx, d, same)
	if err != nil {
		return nil, err
	}
	pushed, err := s.registry().Push(ctx, layout.Store(), d.uploads, func(p push.Progress) { stage.Progress(p.Sent, p.Total) })
	if err != nil {
		return nil, explainDamage(ctx, layout, d.uploads, err)
	}
	tagged, err := s.registry().Retag(ctx, d.retags)
	return slices.Concat(done, pushed, tagged), err
}

func (s *session) deliver(ctx context.Context, layout *build.Layout, same sameness, images []plan.Image, own bool) delivery {
	d := delivery{reasons: map[string]error{}}
	for _, image := range images {
		desc, reason := s.stored(ctx, layout, image)
		if reason != nil {
			d.absent, d.reasons[image.Ref()] = append(d.absent, image), reason
			continue
		}
		m := storedKeys(desc)
		if build.IsRemote(desc) {
			d.retags = append(d.retags, push.Retag{
				Ref: image.Ref(), Descriptor: desc, Revision: s.plan.Commit.SHA, Same: same.as(image, m), Own: own,
				Records: recordsOf(s.plan.Commit, image, m.prepareKey, m.prepareKey), Aliases: m.aliases(),
			})
			continue
		}
		d.uploads = append(d.uploads, push.Image{
			Ref: image.Ref(), Descriptor: desc, Revision: s.plan.Commit.SHA, Same: same.as(image, m), Own: own,
			Records: recordsOf(s.plan.Commit, image, m.prepareKey, preparedFrom(ctx, layout, desc)), Aliases: m.aliases(),
			Sources: build.Sources(desc),
		})
	}
	return d
}

// stored finds an image in the layout; the error is why it cannot be pushed.
func (s *session) stored(ctx context.Context, layout *build.Layout, image plan.Image) (ocispec.Descriptor, error) {
	desc, ok := layout.Find(image.Ref())
	revision := desc.Annotations[ocispec.AnnotationRevision]
	if !ok || revision != "" && revision != s.plan.Commit.SHA { // a tag need not name the commit
		return desc, problem.New(problem.Failed, "build them first: mage build", "finding %s in %s: it was not built for this commit", image.Ref(), layoutName)
	}
	if !build.IsRemote(desc) {
		if damaged, err := layout.Repair(ctx, desc, false); err != nil || len(damaged) > 0 {
			return desc, cmp.Or(err, damage(image.Ref(), damaged, nil))
		}
	}
	return desc, nil
}

// storedKeys is what an image of the layout is made of.
func storedKeys(desc ocispec.Descriptor) made {
	return made{
		Fingerprint: identity.Fingerprint{Key: desc.Annotations[plan.KeyAnnotation]}, prepareKey: desc.Annotations[plan.PrepareKeyAnnotation],
	}
}

// requirePushed finds absent images in the registry: another run has pushed them.
func (s *session) requirePushed(ctx context.Context, d delivery, same sameness) ([]push.Pushed, error) {
	var mu sync.Mutex
	var done []push.Pushed
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for _, image := range d.absent {
		group.Go(func() error {
			desc, err := s.resolve(ctx, image)
			if err == nil && desc.Digest == "" {
				err = d.reasons[image.Ref()]
			}
			if err == nil {
				err = same.require(ctx, image, desc)
			}
			mu.Lock()
			defer mu.Unlock()
			done = append(done, push.Pushed{Ref: image.Ref(), Digest: desc.Digest.String(), Existed: true})
			return err
		})
	}
	err := group.Wait()
	return done, err
}
