package release

import (
	"context"
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// footing is what the files were that a build stands on: builds take minutes, in which people go on working, and nobody
// can tell which of their files a daemon has seen.
type footing struct {
	*session
	images []plan.Image
	sums   map[string]summed
	stamps source.Stamps
}

// note remembers when the files were written, just before the daemons are asked for: what `prepare` writes is over by then.
func (f *footing) note(ctx context.Context) error {
	tree, err := source.ReadTree(ctx, f.plan.Commit)
	f.stamps = tree.Stamps(f.plan.Commit.Root)
	return err
}

// changed reads the tree again, and gives the components whose files are others than those that were summed up, or were
// written since note, also where they were put back.
func (f *footing) changed(ctx context.Context) (map[string]string, error) {
	commit, err := f.head(ctx, f.plan.Commit.Root)
	if err != nil {
		return nil, err
	}
	tree, err := source.ReadTree(ctx, commit)
	if err != nil {
		return nil, err
	}
	written := f.stamps.Written(tree.Stamps(commit.Root))
	tree = tree.Without(written)
	changed := map[string]string{}
	for _, image := range f.images {
		if f.inputs(image, tree).Sources != f.sums[image.Component].Sources {
			changed[image.Component] = describeWritten(written, commit)
		}
	}
	return changed, nil
}

// describeWritten names the first file. Without any, one was changed before: by `prepare`, or while it ran.
func describeWritten(written []string, commit source.Commit) string {
	switch {
	case len(written) == 1:
		return fmt.Sprintf("%s was written while it was built", written[0])
	case len(written) > 1:
		return fmt.Sprintf("%s and %s were written while it was built", written[0], count(len(written)-1, "other file"))
	case commit.IsDirty():
		return fmt.Sprintf("the working tree no longer is what it was when the build began: %q", commit.Dirty[0])
	}
	return "another commit was checked out while it was built"
}

// warnChanged tells of images that may hold other files than their name says.
func (s *session) warnChanged(built []build.Image) {
	for _, image := range built {
		if image.Changed != "" {
			s.report.Warnings = append(s.report.Warnings, report.Warning{
				Message:    fmt.Sprintf("%s may hold files of before or of after: %s", image.Ref, image.Changed),
				Remedy:     "good enough to try out here; `mage push` refuses it until it is built again: mage build",
				Components: []string{image.Component},
			})
		}
	}
}

// requireFaithful refuses to publish an image whose files changed while it was built, for the reason that is not empty then.
func requireFaithful(ref, changed string) error {
	if changed == "" {
		return nil
	}
	return problem.New(problem.Refused, "build it again: mage build",
		"refusing to push %s: %s, so nobody knows whether it is what its commit says", ref, changed)
}
