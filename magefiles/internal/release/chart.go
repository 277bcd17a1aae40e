package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/chart"
	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// charts remembers what has rendered, so that the commit on a head that has not moved renders nothing again. A head that
// has moved is rendered anew: what is committed is what was checked.
type charts struct {
	checker *chart.Checker
	passed  map[string]bool // by draftKey; true where another answer is possible once the images' digests are known
}

// checkCharts renders every draft before anything is built, so that a key which no template reads is found in seconds.
func (s *session) checkCharts(ctx context.Context, drafts []*deployment.Draft, images []deployment.Image) error {
	wanted := slices.ContainsFunc(s.plan.Deployments, func(d plan.Deployment) bool { return len(d.Checks) > 0 })
	if !wanted {
		return nil
	}
	ctx, stage := s.stage(ctx, "charts")
	rendered := 0
	for i, draft := range drafts {
		target := s.plan.Deployments[i]
		if len(target.Checks) == 0 || len(draft.Changes) == 0 {
			continue
		}
		if err := s.renderDraft(ctx, target, draft, images, stage); err != nil {
			stage.Fail(err)
			return err
		}
		rendered += len(target.Checks)
	}
	if rendered == 0 {
		stage.Skip("no value changes")
		return nil
	}
	stage.Done(count(rendered, "check"))
	return nil
}

// chartCheck is deployment.Bump.Check of a target; nil where astrago.yaml checks nothing.
func (s *session) chartCheck(target plan.Deployment, images []deployment.Image) func(context.Context, *deployment.Draft) error {
	if len(target.Checks) == 0 {
		return nil
	}
	return func(ctx context.Context, draft *deployment.Draft) error {
		return s.renderDraft(ctx, target, draft, images, nil)
	}
}

func (s *session) renderDraft(
	ctx context.Context, target plan.Deployment, draft *deployment.Draft, images []deployment.Image, stage *report.Stage,
) error {
	c, err := s.charts(stage)
	if err != nil {
		return err
	}
	edit := chartEdit(target, draft, images)
	edit.Mirrors = s.plan.Mirrors
	key, exact := draftKey(draft, target.Hold, nil), draftKey(draft, target.Hold, edit.Images)
	pinned, passed := c.passed[key]
	if _, same := c.passed[exact]; same || passed && !pinned {
		return nil
	}
	if err := c.checker.Prepare(ctx, target.Checks); err != nil {
		return err
	}
	client, err := s.deployment()
	if err != nil {
		return err
	}
	if edit.Archive, err = client.Archive(ctx, draft.Snapshot); err != nil {
		return err
	}
	if pinned, err = c.checker.Check(ctx, target.Checks, edit); err != nil {
		return err
	}
	c.passed[exact], c.passed[key] = pinned, pinned
	return nil
}

// charts is made for the first draft, whose stage takes what is said about tools that are compiled.
func (s *session) charts(stage *report.Stage) (*charts, error) {
	if s.clients.charts != nil {
		return s.clients.charts, nil
	}
	cache, err := s.cacheDir()
	if err != nil {
		return nil, err
	}
	say := func(format string, args ...any) { s.console.Note(fmt.Sprintf(format, args...)) }
	if stage != nil {
		say = func(format string, args ...any) { fmt.Fprintf(stage.Writer(), format+"\n", args...) }
	}
	s.clients.charts = &charts{passed: map[string]bool{}, checker: chart.New(chart.Options{
		ToolsDir: s.toolsDir, BinDir: filepath.Join(cache, "bin"), Environ: s.vars.ForCommands(), Say: say,
	})}
	return s.clients.charts, nil
}

// draftKey identifies the head, everything that changes on it, but for the holds: nothing renders them, and the images that are to
// come of it.
func draftKey(draft *deployment.Draft, holds string, images []chart.Image) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n", images)
	fmt.Fprintf(h, "%q %q\n", draft.Snapshot.Repository, draft.Snapshot.Head)
	for _, f := range draft.Files {
		if f.Path == holds {
			continue
		}
		fmt.Fprintf(h, "%q %q\n", f.Path, f.Bytes)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// chartEdit has the images of the components that change: the others run already, or never did.
func chartEdit(target plan.Deployment, draft *deployment.Draft, images []deployment.Image) chart.Edit {
	e := chart.Edit{Place: draft.Snapshot.Repository + "@" + draft.Snapshot.Branch}
	for _, f := range draft.Files {
		e.Files = append(e.Files, chart.File{Path: f.Path, Before: draft.Snapshot.Files[f.Path], After: f.Bytes})
	}
	changed := func(component string) bool {
		return slices.ContainsFunc(draft.Changes, func(c deployment.FileChange) bool { return c.Component == component })
	}
	for _, f := range target.Files {
		for _, edit := range f.Edits {
			image := chart.Image{Component: edit.Component, Ref: edit.Image}
			if i := slices.IndexFunc(images, func(d deployment.Image) bool { return d.Component == edit.Component }); i >= 0 {
				image.Digest = images[i].Digest
			}
			if edit.Image != "" && changed(edit.Component) && !slices.Contains(e.Images, image) {
				e.Images = append(e.Images, image)
			}
		}
	}
	return e
}
