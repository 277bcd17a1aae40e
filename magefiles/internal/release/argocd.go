package release

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// argocd makes the client for the environment's ArgoCD. missing says what there is not, where that is nobody's mistake:
// whoever has no token commits all the same.
func (s *session) argocd() (client *argocd.Client, missing string, err error) {
	return s.argocdAt(s.plan.ArgoCD.Server)
}

// argocdAt is argocd for the server that the configuration names, "" where it names none.
func (s *session) argocdAt(configured string) (client *argocd.Client, missing string, err error) {
	server := cmp.Or(s.vars.Get(vars.ArgoCDServer), configured)
	switch token := s.vars.Get(vars.ArgoCDToken); {
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

// checkArgoCD proves before a build that ArgoCD shows the application to the token: else a wrong token would be told only
// after the commit.
func (s *session) checkArgoCD(ctx context.Context, expensive bool) error {
	if s.plan.ArgoCD == nil || s.options.NoWait || !expensive {
		return nil
	}
	client, missing, err := s.argocd()
	if err != nil || missing != "" {
		return err // what is missing is told where it would be used
	}
	commits := make([]argocd.Commit, len(s.plan.Deployments))
	for i, d := range s.plan.Deployments {
		commits[i] = argocd.Commit{Repository: d.Repository, Branch: d.Branch}
	}
	notice, err := client.Check(ctx, s.argocdTarget(commits, nil))
	if notice != "" {
		s.console.Note(notice)
	}
	return err
}

func (s *session) argocdTarget(commits []argocd.Commit, images []string) argocd.Target {
	a := s.plan.ArgoCD
	return argocd.Target{Application: a.Application, Project: a.Project, Namespace: a.Namespace, Commits: commits, Images: images}
}

// follow is the stage that waits. superseded is argocd.WaitOptions' own.
func (s *session) follow(
	ctx context.Context, client *argocd.Client, target argocd.Target, stage *report.Stage, superseded func(context.Context) (string, error),
) error {
	ancestry, err := deployment.NewComparer(s.gitHub(vars.DeployToken), string(vars.DeployToken))
	if err != nil {
		return err
	}
	result, err := client.Wait(ctx, target, argocd.WaitOptions{
		Timeout:    cmp.Or(s.options.Timeout, s.plan.ArgoCD.Timeout),
		Progress:   func(e argocd.Event) { stage.Say(e.Text) },
		Ancestry:   ancestry,
		Superseded: superseded,
	})
	if err != nil {
		return err
	}
	s.report.Live = &report.Sync{
		Application: target.Application, URL: client.Page(target), Revision: result.Revision, Sync: result.Sync, Health: result.Health,
		Seconds: result.Took.Seconds(), Superseded: result.Superseded,
	}
	note := fmt.Sprintf("%s is %s and %s", target.Application, result.Sync, result.Health)
	if result.Superseded != "" {
		note += ", with newer values"
	}
	stage.Done(note)
	return nil
}

// checkTimeout is a flag's sense.
func (s *session) checkTimeout() error {
	if s.options.Timeout < 0 || s.options.Timeout > 24*time.Hour {
		return problem.New(problem.Usage, "write e.g. -timeout=10m", "reading -timeout: %s is no time to wait", s.options.Timeout)
	}
	return nil
}
