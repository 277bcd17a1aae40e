package release

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// argocdAt makes the client for the server that the configuration names, "" where it names none. missing says what there is
// not, where that is nobody's mistake: whoever has no token commits all the same.
func (s *session) argocdAt(configured string) (client *argocd.Client, missing string, err error) {
	server := cmp.Or(s.vars.Get(vars.ArgoCDServer), configured)
	switch token := s.vars.Get(vars.ArgoCDToken); {
	case token != "" && s.vars.Get(vars.ArgoCDServer) == "" && configured != "" && s.vars.Get(vars.Actions) == "true":
		return nil, "", problem.New(problem.Refused, "set ARGOCD_SERVER beside it, from the same place: a variable of the repository or of its environment",
			"refusing to send ARGOCD_AUTH_TOKEN to %s, which only astrago.yaml of this commit names: in a workflow it goes to ARGOCD_SERVER alone", configured)
	case server == "":
		return nil, "neither ARGOCD_SERVER nor `argocd.server` is set", nil
	case token == "":
		return nil, "ARGOCD_AUTH_TOKEN is not set", nil
	}
	ca, err := s.argocdCA()
	if err != nil {
		return nil, "", err
	}
	insecure, err := strconv.ParseBool(cmp.Or(s.vars.Get(vars.ArgoCDInsecure), "false"))
	if err != nil {
		return nil, "", problem.New(problem.Usage, "set it to true or false, or unset it", "reading ARGOCD_INSECURE: %w", err)
	}
	client, err = argocd.New(argocd.Options{
		Server: server, Token: s.vars.Get(vars.ArgoCDToken), CA: ca, Insecure: insecure, UserAgent: "astrago-ci/" + astragoci.Version(),
	})
	return client, "", err
}

// argocdCA takes a file, as the option --server-crt of ArgoCD's own client does, or a certificate, as workflows have it.
func (s *session) argocdCA() (string, error) {
	value := s.vars.Get(vars.ArgoCDServerCRT)
	if value == "" || strings.Contains(value, "-----BEGIN") {
		return value, nil
	}
	data, err := os.ReadFile(value)
	if err != nil {
		return "", problem.New(problem.Usage, "set ARGOCD_SERVER_CRT to a file with a certificate in PEM, or to the certificate", "reading ARGOCD_SERVER_CRT: %w", err)
	}
	return string(data), nil
}

// application is one of those that deploy the environment, with the client for its ArgoCD.
type application struct {
	config.ArgoCD
	client *argocd.Client
}

// applications are those of the environment; missing is argocdAt's.
func (s *session) applications() (all []application, missing string, err error) {
	for _, a := range s.plan.ArgoCD {
		client, missing, err := s.argocdAt(a.Server)
		if missing != "" || err != nil {
			return nil, missing, err
		}
		all = append(all, application{ArgoCD: a, client: client})
	}
	return all, "", nil
}

func (a application) target(commits []argocd.Commit) argocd.Target {
	return argocd.Target{Application: a.Application, Project: a.Project, Namespace: a.Namespace, Commits: commits}
}

// checkArgoCD proves before a build or a commit that ArgoCD shows the applications to the token: else a wrong token would be
// told only after the commit.
func (s *session) checkArgoCD(ctx context.Context, needed bool) error {
	if len(s.plan.ArgoCD) == 0 || s.options.NoWait || !needed {
		return nil
	}
	all, missing, err := s.applications()
	if err != nil || missing != "" {
		return err // what is missing is told where it would be used
	}
	return each(all, func(_ int, a application) error {
		notice, err := a.client.Check(ctx, a.target(s.plannedCommits()))
		if notice != "" {
			s.console.Note(notice)
		}
		return err
	})
}

// plannedCommits are the branches that the plan's commits are to be made on.
func (s *session) plannedCommits() []argocd.Commit {
	commits := make([]argocd.Commit, len(s.plan.Deployments))
	for i, d := range s.plan.Deployments {
		commits[i] = argocd.Commit{Repository: d.Repository, Branch: d.Branch}
	}
	return commits
}

// each asks about all applications at once, and joins what went wrong: one that fails does not hide how another is.
func each(all []application, ask func(i int, a application) error) error {
	errs := make([]error, len(all))
	var group sync.WaitGroup
	for i, a := range all {
		group.Go(func() { errs[i] = ask(i, a) })
	}
	group.Wait()
	return joined(errs)
}

// joined keeps a single error as it is.
func joined(errs []error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// checkTimeout is a flag's sense.
func (s *session) checkTimeout() error {
	if s.options.Timeout < 0 || s.options.Timeout > 24*time.Hour {
		return problem.New(problem.Usage, "write e.g. -timeout=10m", "reading -timeout: %s is no time to wait", s.options.Timeout)
	}
	return nil
}
