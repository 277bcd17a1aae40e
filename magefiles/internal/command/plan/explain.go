package plan

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/images"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/prepare"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// They bound how many commits are looked back for a published image, and how many changed files are named.
const (
	explainedCommits = 50
	explainedFiles   = 3
)

// explainer finds out what has changed since the image that was published last.
type explainer struct {
	env      *cli.Env
	plan     *plan.Plan
	registry *registry.Client
}

func newExplainer(env *cli.Env) explainer {
	return explainer{env: env, plan: env.Project.Plan, registry: env.Clients.Registry()}
}

// explain adds to what is to be built what has changed since the image that was published last.
func (e explainer) explain(ctx context.Context, actions []plan.Action) error {
	commits, err := git.Ancestors(ctx, e.plan.Commit.Root, explainedCommits)
	if err != nil {
		return err
	}
	all, err := e.env.Clients.Keys().Of(ctx, e.plan.Images)
	if err != nil {
		return err
	}
	parallel.All(parallel.Lookups, e.plan.Images, func(i int, image plan.Image) {
		if actions[i].Do == plan.DoBuild {
			actions[i].Since, actions[i].Changes = e.changes(ctx, image, all[image.Component], commits)
		}
	})
	return context.Cause(ctx)
}

// changes returns the commit of the image that was published last, and what has changed since; without a commit, why that is
// not known.
func (e explainer) changes(
	ctx context.Context, image plan.Image, in inputs.Inputs, commits []commitid.ID,
) (since commitid.ID, changes []string) {
	since, published, err := e.publishedLast(ctx, image, commits)
	switch {
	case err != nil:
		return "", []string{"looking for the image before: " + problem.FirstLine(err)}
	case since == "":
		return "", []string{"no image of the " + report.Plural(len(commits), "commit") + " before is published"}
	}
	switch before, err := e.keptTree(ctx, image.Repository, published.Origin.Key); {
	case len(e.plan.Prepare.Run) > 0:
		return since, e.preparedFrom(ctx, since)
	case in.Key == "":
		return since, []string{in.Why}
	case err != nil:
		return since, []string{"what that image is made of is not known: " + problem.FirstLine(err)}
	default:
		changes = identity.Explain(before, in.Tree)
	}
	if len(changes) == 0 {
		changes = []string{"nothing that it is made of"}
	}
	return since, changes
}

// publishedLast finds the newest commit before this one that has an image, which may have been built for an older one.
func (e explainer) publishedLast(
	ctx context.Context, image plan.Image, commits []commitid.ID,
) (commit commitid.ID, found inspect.Found, err error) {
	for _, commit := range commits {
		tag, err := plan.TagOf(e.env.Project.Config, e.plan.Environment, image.Component, commit)
		if err != nil {
			return "", inspect.Found{}, err
		}
		found, err := e.registry.Lookup(ctx, image.Repository.Tagged(tag))
		if err == nil || !errors.Is(err, registry.ErrNotFound) {
			return commit, found, err
		}
	}
	return "", inspect.Found{}, nil
}

func (e explainer) keptTree(ctx context.Context, repository imageref.Repository, key string) (identity.Tree, error) {
	if key == "" {
		return identity.Tree{}, errors.New("an earlier version of astrago-ci has built it")
	}
	data, err := e.registry.Document(ctx, images.TreeTag(repository, key), images.TreeType)
	if err != nil {
		return identity.Tree{}, err
	}
	return identity.Decode(data)
}

// preparedFrom names the tracked files that `prepare` may read and that have changed: what it makes of them is only known once it has
// run.
func (e explainer) preparedFrom(ctx context.Context, commit commitid.ID) []string {
	files, err := git.ChangedSince(ctx, e.plan.Commit.Root, commit)
	if err == nil {
		files, err = prepare.Counted(e.env.Project.Config.Prepare.Ignore, files)
	}
	if err != nil {
		return []string{"what `prepare` reads is not known of then: " + problem.FirstLine(err)}
	}
	if len(files) == 0 {
		return []string{"no tracked file; what git ignores, a base image or a variable of prepare.env did"}
	}
	text := strings.Join(files[:min(len(files), explainedFiles)], ", ")
	if more := len(files) - explainedFiles; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return []string{fmt.Sprintf("`prepare` may read %s that changed: %s", report.Plural(len(files), "file"), text)}
}
