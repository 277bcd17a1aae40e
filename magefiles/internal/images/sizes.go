package images

import (
	"context"
	"fmt"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/preflight"
	"github.com/xiilab/astrago-ci/magefiles/internal/runreport"
)

// sizeTimeout bounds the questions about sizes. They are asked while images are built, which takes longer.
const sizeTimeout = 5 * time.Second

// fetchPreviousSizes asks how large the images are that the values name now, one GET a component, while others are built in their
// place. What it returns takes the answers; one that is not known is no failure.
func (p *Publisher) fetchPreviousSizes(ctx context.Context, s *preflight.State) (apply func()) {
	ctx, cancel := context.WithTimeoutCause(ctx, sizeTimeout, fmt.Errorf("no answer within %s", sizeTimeout))
	sizes := make([]int64, len(p.plan.Images))
	done := make(chan struct{})
	go func() {
		defer close(done)
		tags := p.previousTags(s)
		parallel.All(parallel.Lookups, p.plan.Images, func(i int, image plan.Image) {
			if tag := tags[image.Component]; tag != "" && tag != image.Tag && s.Published[i].Digest == "" {
				if found, err := p.registry.Lookup(ctx, image.Repository.Tagged(tag)); err == nil {
					sizes[i] = found.Size()
				}
			}
		})
	}()
	return func() {
		defer cancel()
		<-done
		p.applySizes(s, sizes)
	}
}

// applySizes also knows the sizes of images that only got another tag.
func (p *Publisher) applySizes(s *preflight.State, previous []int64) {
	for i, image := range p.plan.Images {
		var size int64
		if s.Decisions[i].Do == plan.DoRetag {
			size = s.Decisions[i].Found.Size()
		}
		p.published.Sizes = append(p.published.Sizes, runreport.Size{Ref: image.Ref(), Size: size, Previous: previous[i]})
	}
}

// previousTags are those that the values name, by component; of several deployments, what the first that names one says.
func (p *Publisher) previousTags(s *preflight.State) map[component.Name]string {
	previous := map[component.Name]string{}
	probes, err := plan.Probe(p.env.Project.Config, p.env.Project.Environment, p.env.Flags.Only)
	if err != nil {
		return previous
	}
	for i, snapshot := range s.Snapshots {
		tags, err := edit.Tags(snapshot, probes[i])
		if err != nil {
			continue
		}
		for name, tag := range tags {
			if previous[name] == "" {
				previous[name] = tag
			}
		}
	}
	return previous
}
