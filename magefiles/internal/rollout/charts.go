package rollout

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/rendercheck"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Charts checks that charts render with the changes to commit. It remembers the drafts that have rendered, so that the commit on a head
// that has not moved renders nothing again. A head that has moved is rendered again: every commit was checked.
type Charts struct {
	env     *cli.Env
	client  *gitops.Client
	checker *rendercheck.Checker // nil until the first draft
	passed  map[string]bool      // by draftKey; true where another answer is possible once the images' digests are known
}

func newCharts(env *cli.Env, client *gitops.Client) *Charts {
	return &Charts{env: env, client: client, passed: map[string]bool{}}
}

// CheckDrafts renders every draft before anything is built, so that a key which no template reads is found in seconds.
func (c *Charts) CheckDrafts(ctx context.Context, drafts []*edit.Draft, images []bump.Image) error {
	targets := c.env.Project.Plan.Deployments
	if !HasChecks(targets) {
		return nil
	}
	ctx, stage := c.env.Stage(ctx, "charts")
	rendered := 0
	for i, draft := range drafts {
		if len(targets[i].Checks) == 0 || len(draft.Changes) == 0 {
			continue
		}
		if err := c.render(ctx, targets[i], draft, images, stage); err != nil {
			stage.Fail(err)
			return err
		}
		rendered += len(targets[i].Checks)
	}
	if rendered == 0 {
		stage.Skip("no value changes")
		return nil
	}
	stage.Done(report.Plural(rendered, "check"))
	return nil
}

// HasChecks reports whether astrago.yaml checks charts of deployments.
func HasChecks(targets []plan.Deployment) bool {
	return slices.ContainsFunc(targets, func(d plan.Deployment) bool { return len(d.Checks) > 0 })
}

// Check returns bump.Bump.Check of a target; nil where astrago.yaml checks nothing.
func (c *Charts) Check(target plan.Deployment, images []bump.Image) func(context.Context, *edit.Draft) error {
	if len(target.Checks) == 0 {
		return nil
	}
	return func(ctx context.Context, draft *edit.Draft) error {
		return c.render(ctx, target, draft, images, nil)
	}
}

func (c *Charts) render(
	ctx context.Context, target plan.Deployment, draft *edit.Draft, images []bump.Image, stage *console.Stage,
) error {
	if err := c.open(stage); err != nil {
		return err
	}
	edit := chartEdit(target, draft, images)
	edit.Mirrors = c.env.Project.Plan.Mirrors
	key, exact := draftKey(draft, target.Hold, nil), draftKey(draft, target.Hold, edit.Images)
	pinned, passed := c.passed[key]
	if _, same := c.passed[exact]; same || passed && !pinned {
		return nil
	}
	err := c.checker.Prepare(ctx, target.Checks)
	if err != nil {
		return err
	}
	if edit.Archive, err = c.client.Repo.Archive(ctx, draft.Snapshot); err != nil {
		return err
	}
	if pinned, err = c.checker.Check(ctx, target.Checks, edit); err != nil {
		return err
	}
	c.passed[exact], c.passed[key] = pinned, pinned
	return nil
}

// open makes the checker for the first draft, whose stage takes what is said about tools that are compiled.
func (c *Charts) open(stage *console.Stage) error {
	if c.checker != nil {
		return nil
	}
	cache, err := c.env.Clients.CacheDir()
	if err != nil {
		return err
	}
	say := func(format string, args ...any) { c.env.Console.Note(fmt.Sprintf(format, args...)) }
	if stage != nil {
		say = func(format string, args ...any) { fmt.Fprintf(stage.Writer(), format+"\n", args...) }
	}
	c.checker = rendercheck.New(rendercheck.Options{
		ToolsDir: c.env.Clients.ToolsDir, BinDir: filepath.Join(cache, "bin"), Environ: c.env.Vars.ForCommands(), Say: say,
	})
	return nil
}

// draftKey identifies the head, everything that changes on it, but for the holds: nothing renders them, and the images that are to
// come of it.
func draftKey(draft *edit.Draft, holds string, images []rendercheck.Image) string {
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
func chartEdit(target plan.Deployment, draft *edit.Draft, images []bump.Image) rendercheck.Edit {
	e := rendercheck.Edit{Place: draft.Snapshot.Repository + "@" + draft.Snapshot.Branch}
	for _, f := range draft.Files {
		e.Files = append(e.Files, rendercheck.File{Path: f.Path, Before: draft.Snapshot.Files[f.Path], After: f.Bytes})
	}
	changed := func(name component.Name) bool {
		return slices.ContainsFunc(draft.Changes, func(c edit.Change) bool { return c.Component == name })
	}
	for _, f := range target.Files {
		for _, edit := range f.Edits {
			image := rendercheck.Image{Component: edit.Component, Ref: edit.Image}
			if i := slices.IndexFunc(images, func(d bump.Image) bool { return d.Component == edit.Component }); i >= 0 {
				image.Ref.Digest = images[i].Digest
			}
			if !edit.Image.IsZero() && changed(edit.Component) && !slices.Contains(e.Images, image) {
				e.Images = append(e.Images, image)
			}
		}
	}
	return e
}
