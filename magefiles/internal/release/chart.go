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
	passed  map[string]bool
}

// checkCharts renders every draft before anything is built, so that a key which no template reads is found in seconds.
func (s *session) checkCharts(ctx context.Context, drafts []*deployment.Draft) error {
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
		if err := s.renderDraft(ctx, target, draft, stage); err != nil {
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
func (s *session) chartCheck(target plan.Deployment) func(context.Context, *deployment.Draft) error {
	if len(target.Checks) == 0 {
		return nil
	}
	return func(ctx context.Context, draft *deployment.Draft) error {
		return s.renderDraft(ctx, target, draft, nil)
	}
}

func (s *session) renderDraft(ctx context.Context, target plan.Deployment, draft *deployment.Draft, stage *report.Stage) error {
	c, err := s.charts(stage)
	if err != nil {
		return err
	}
	key := draftKey(draft, target.Hold)
	if c.passed[key] {
		return nil
	}
	if err := c.checker.Prepare(ctx, target.Checks); err != nil {
		return err
	}
	client, err := s.deployment()
	if err != nil {
		return err
	}
	archive, err := client.Archive(ctx, draft.Snapshot)
	if err != nil {
		return err
	}
	if err := c.checker.Check(ctx, target.Checks, chartEdit(target, draft, archive)); err != nil {
		return err
	}
	c.passed[key] = true
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

// draftKey identifies the head and everything that changes on it, but for the holds: nothing renders them.
func draftKey(draft *deployment.Draft, holds string) string {
	h := sha256.New()
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
func chartEdit(target plan.Deployment, draft *deployment.Draft, archive []byte) chart.Edit {
	e := chart.Edit{Place: draft.Snapshot.Repository + "@" + draft.Snapshot.Branch, Archive: archive}
	for _, f := range draft.Files {
		e.Files = append(e.Files, chart.File{Path: f.Path, Before: draft.Snapshot.Files[f.Path], After: f.Bytes})
	}
	changed := func(component string) bool {
		return slices.ContainsFunc(draft.Changes, func(c deployment.FileChange) bool { return c.Component == component })
	}
	for _, f := range target.Files {
		for _, edit := range f.Edits {
			image := chart.Image{Component: edit.Component, Ref: edit.Image}
			if edit.Image != "" && changed(edit.Component) && !slices.Contains(e.Images, image) {
				e.Images = append(e.Images, image)
			}
		}
	}
	return e
}
