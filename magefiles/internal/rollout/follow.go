package rollout

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// waitAll waits until all applications run what the commits say. How those run that do is returned also where one fails.
func (w Waiter) waitAll(ctx context.Context, all []application, commits []argocd.Commit, stage *console.Stage) ([]report.Sync, error) {
	ancestry, err := w.env.Clients.Deployer().Lineage()
	if err != nil {
		return nil, err
	}
	syncs := make([]*report.Sync, len(all))
	err = forEach(all, func(i int, a application) (err error) {
		syncs[i], err = waitOne(ctx, a, Target(a.ArgoCD, w.env.Project.Plan.Mirrors, commits), argocd.WaitOptions{
			Timeout:    cmp.Or(w.options.Timeout, a.Timeout),
			Progress:   func(e argocd.Event) { stage.Say(namePrefix(all, a) + e.Text) },
			Ancestry:   ancestry,
			Superseded: w.superseded(commits),
		})
		return err
	})
	var live []report.Sync
	for _, sync := range syncs {
		if sync != nil {
			live = append(live, *sync)
		}
	}
	switch {
	case err != nil:
		return live, err
	case len(live) == 0:
		stage.Skip(w.nothingBeforeMerge())
	default:
		stage.Done(liveSummary(live))
	}
	return live, nil
}

// waitOne returns how one application runs its commits; nil where all of them wait in pull requests.
func waitOne(ctx context.Context, a application, target argocd.Target, o argocd.WaitOptions) (*report.Sync, error) {
	result, err := a.client.Wait(ctx, target, o)
	if err != nil || result.Idle {
		return nil, err
	}
	return &report.Sync{
		Application: target.Application, URL: a.client.Page(target), Revision: result.Revision, Sync: result.Sync, Health: result.Health,
		Seconds: result.Took.Seconds(), Superseded: result.Superseded, Paused: result.Paused,
	}, nil
}

// superseded tells by which commit the images of commits were replaced in the values.
func (w Waiter) superseded(commits []argocd.Commit) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		now, err := readDeployedHead(ctx, w.env)
		if err != nil {
			return "", err
		}
		for i, at := range now.commits {
			same := func(c argocd.Commit) bool {
				return c.Repository == at.Repository && c.Branch == at.Branch && c.SHA != ""
			}
			if n := slices.IndexFunc(commits, same); n >= 0 && !slices.Equal(WithoutDigests(at.Images), WithoutDigests(commits[n].Images)) {
				return now.newest[i], nil
			}
		}
		return "", nil
	}
}

// namePrefix stands before what is said of one of several applications.
func namePrefix(all []application, a application) string {
	if len(all) == 1 {
		return ""
	}
	return a.Application + ": "
}

func liveSummary(live []report.Sync) string {
	notes := make([]string, len(live))
	for i, sync := range live {
		notes[i] = fmt.Sprintf("%s is %s and %s", sync.Application, sync.Sync, sync.Health)
		if sync.Paused {
			notes[i] += ", paused until resumed; then: mage wait"
		}
		if sync.Superseded != "" {
			notes[i] += ", with newer values"
		}
	}
	return strings.Join(notes, "; ")
}
