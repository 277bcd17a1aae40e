package rollout

import (
	"errors"
	"slices"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// application is one of those that deploy the environment, with the client for its Argo CD.
type application struct {
	config.ArgoCD
	client *argocd.Client
}

// applicationsOf returns those of the environment; missing is Clients.ArgoCD's.
func applicationsOf(env *cli.Env) (all []application, missing string, err error) {
	for _, a := range env.Project.Plan.ArgoCD {
		client, missing, err := env.Clients.ArgoCD(a)
		if missing != "" || err != nil {
			return nil, missing, err
		}
		all = append(all, application{ArgoCD: a, client: client})
	}
	return all, "", nil
}

// Target returns an application with the commits that it is to run, in a cluster that pulls under the names of mirrors.
func Target(a config.ArgoCD, mirrors map[string]string, commits []argocd.Commit) argocd.Target {
	return argocd.Target{Application: a.Application, Project: a.Project, Namespace: a.Namespace, Commits: commits, Mirrors: mirrors}
}

// PlannedCommits returns the branches that the plan's commits are to be made on.
func PlannedCommits(env *cli.Env) []argocd.Commit {
	targets := env.Project.Plan.Deployments
	commits := make([]argocd.Commit, len(targets))
	for i, d := range targets {
		commits[i] = argocd.Commit{Repository: d.Repository, Branch: d.Branch}
	}
	return commits
}

// forEach asks about all applications at once, and joins what went wrong: one that fails does not hide how another is.
func forEach(all []application, ask func(i int, a application) error) error {
	errs := make([]error, len(all))
	var group sync.WaitGroup
	for i, a := range all {
		group.Go(func() { errs[i] = ask(i, a) })
	}
	group.Wait()
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) == 1 { // as it is
		return errs[0]
	}
	return errors.Join(errs...)
}

// WithoutDigests returns the texts of references without their digests.
func WithoutDigests(refs []imageref.Reference) []string {
	texts := make([]string, len(refs))
	for i, ref := range refs {
		texts[i] = ref.WithDigest("").String()
	}
	return texts
}
