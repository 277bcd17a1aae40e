package release

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// sizeTime bounds the questions about sizes. They are asked while images are built, which takes longer.
const sizeTime = 5 * time.Second

// measure asks how large the images are that the values name now, one GET a component, while others are built in their
// place. What it gives notes the sizes in the report; nobody is told of one that is not known.
func (s *session) measure(ctx context.Context, now *state) (note func()) {
	ctx, cancel := context.WithTimeoutCause(ctx, sizeTime, fmt.Errorf("no answer within %s", sizeTime))
	sizes := make([]int64, len(s.plan.Images))
	done := make(chan struct{})
	go func() {
		defer close(done)
		tags := s.tagsBefore(now)
		var group errgroup.Group
		group.SetLimit(lookups)
		for i, image := range s.plan.Images {
			if tag := tags[image.Component]; tag != "" && tag != image.Tag && now.published[i].Digest == "" {
				group.Go(func() error {
					found, err := s.registry().Lookup(ctx, image.Repository+":"+tag)
					sizes[i] = found.Size()
					return err
				})
			}
		}
		_ = group.Wait() // what is not known is no failure
	}()
	return func() {
		defer cancel()
		<-done
		s.noteSizes(now, sizes)
	}
}

// noteSizes also knows those of images that only got another tag.
func (s *session) noteSizes(now *state, before []int64) {
	for i, image := range s.plan.Images {
		for n := range s.report.Images {
			reported := &s.report.Images[n]
			if reported.Ref != image.Ref() {
				continue
			}
			if reported.Size == 0 && now.decisions[i].Do == plan.DoRetag {
				reported.Size = now.decisions[i].found.Size()
			}
			if reported.Size > 0 {
				reported.PreviousSize = before[i]
			}
		}
	}
}

// tagsBefore are those that the values name, by component; of several deployments, what the first that names one says.
func (s *session) tagsBefore(now *state) map[string]string {
	before := map[string]string{}
	environment, err := s.config.Environment(s.plan.Environment, "")
	if err != nil {
		return before
	}
	probes, err := plan.Probe(s.config, environment, s.options.Only)
	if err != nil {
		return before
	}
	for i, snapshot := range now.snapshots {
		tags, err := snapshot.Tags(probes[i])
		if err != nil {
			continue
		}
		for component, tag := range tags {
			if before[component] == "" {
				before[component] = tag
			}
		}
	}
	return before
}
