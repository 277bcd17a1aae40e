package release

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// follow waits until all applications run what the commits say.
func (s *session) follow(ctx context.Context, all []application, commits []argocd.Commit, stage *report.Stage) error {
	ancestry, err := deployment.NewComparer(s.gitHub(vars.DeployToken), string(vars.DeployToken))
	if err != nil {
		return err
	}
	live := make([]*report.Sync, len(all))
	err = each(all, func(i int, a application) (err error) {
		live[i], err = s.followOne(ctx, a, a.target(commits), argocd.WaitOptions{
			Timeout:    cmp.Or(s.options.Timeout, a.Timeout),
			Progress:   func(e argocd.Event) { stage.Say(nameOf(all, a) + e.Text) },
			Ancestry:   ancestry,
			Superseded: s.superseded(commits),
		})
		return err
	})
	live = slices.DeleteFunc(live, func(sync *report.Sync) bool { return sync == nil })
	for i, sync := range live {
		if i == 0 {
			s.report.Live = sync
		} else {
			s.report.AlsoLive = append(s.report.AlsoLive, *sync)
		}
	}
	switch {
	case err != nil:
		return err
	case len(live) == 0:
		stage.Skip("ArgoCD has nothing to do until the pull request is merged; then: " + s.waitAgain())
	default:
		stage.Done(settled(live))
	}
	return nil
}

// followOne gives how one application runs its commits; nil where all of them wait in pull requests.
func (s *session) followOne(ctx context.Context, a application, target argocd.Target, o argocd.WaitOptions) (*report.Sync, error) {
	result, err := a.client.Wait(ctx, target, o)
	if err != nil || result.Idle {
		return nil, err
	}
	return &report.Sync{
		Application: target.Application, URL: a.client.Page(target), Revision: result.Revision, Sync: result.Sync, Health: result.Health,
		Seconds: result.Took.Seconds(), Superseded: result.Superseded, Paused: result.Paused,
	}, nil
}

// nameOf stands before what is said of one of several applications.
func nameOf(all []application, a application) string {
	if len(all) == 1 {
		return ""
	}
	return a.Application + ": "
}

// pinned is a reference with a digest, where one is known: then that decides over the tag.
func pinned(ref, digest string) string {
	if digest == "" {
		return ref
	}
	return ref + "@" + digest
}

// unpinned are references without their digests.
func unpinned(refs []string) []string {
	var all []string
	for _, ref := range refs {
		ref, _, _ = strings.Cut(ref, "@")
		all = append(all, ref)
	}
	return all
}

func settled(live []*report.Sync) string {
	notes := make([]string, len(live))
	for i, sync := range live {
		notes[i] = fmt.Sprintf("%s is %s and %s", sync.Application, sync.Sync, sync.Health)
		if sync.Paused {
			notes[i] += ", paused: it goes on when somebody resumes it; then: mage wait"
		}
		if sync.Superseded != "" {
			notes[i] += ", with newer values"
		}
	}
	return strings.Join(notes, "; ")
}
