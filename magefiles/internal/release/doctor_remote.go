package release

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/notify"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// registryPatience is for the answer to one request, so that several fit into a check's time.
const registryPatience = 5 * time.Second

// registryChecks ask for each repository of images whether it can be reached and pushed to, and with what.
func (e *examination) registryChecks() []doctor.Check {
	repositories := e.repositories()
	if len(repositories) == 0 {
		return []doctor.Check{{Group: "registry", Name: "push", Run: constantly(skipped("needs " + config.FileName))}}
	}
	client := registry.New(registry.Options{Keychain: e.keychain(), Push: true, Patience: registryPatience})
	checks := make([]doctor.Check, len(repositories))
	for i, repository := range repositories {
		host, _, _ := strings.Cut(repository, "/")
		checks[i] = doctor.Check{
			Group: "registry", Name: "push", Subject: repository, Late: host + " does not answer: check the network and the proxy",
			Run: func(ctx context.Context) doctor.Finding {
				proof, err := client.ProvePush(ctx, repository)
				if err != nil {
					return failed(err)
				}
				source := client.Source(ctx, repository)
				if source == "" {
					return fine("reachable, and everyone may push")
				}
				return fine("reachable, and %s may push: %s", source, proof)
			},
		}
	}
	return checks
}

func constantly(f doctor.Finding) func(context.Context) doctor.Finding {
	return func(context.Context) doctor.Finding { return f }
}

// argocdAnswers asks ArgoCD for the environment's application.
func (e *examination) argocdAnswers(ctx context.Context) doctor.Finding {
	switch {
	case e.plan == nil:
		return skipped("needs an environment")
	case e.plan.ArgoCD == nil:
		return skipped(fmt.Sprintf("environment %s names no application of ArgoCD", e.plan.Environment))
	}
	client, missing, err := e.argocd()
	switch {
	case err != nil:
		return failed(err)
	case missing != "":
		return warned("set it, and `release` waits until the commit is live", "%s: a release ends with its commit", missing)
	}
	commits := make([]argocd.Commit, len(e.plan.Deployments))
	for i, d := range e.plan.Deployments {
		commits[i] = argocd.Commit{Repository: d.Repository, Branch: d.Branch}
	}
	target := e.argocdTarget(commits, nil)
	if err := client.Ask(ctx, target); err != nil {
		return failed(err)
	}
	return fine("%s shows it to %s", client.Page(target), vars.ArgoCDToken)
}

// notifyChecks read the addresses that a run's end is told to.
func (e *examination) notifyChecks() []doctor.Check {
	if e.plan == nil {
		return nil
	}
	checks := make([]doctor.Check, len(e.plan.Notify))
	for i, n := range e.plan.Notify {
		checks[i] = doctor.Check{Group: "notify", Name: "addresses", Subject: n.URLs, Run: func(context.Context) doctor.Finding {
			text, _ := e.vars.Lookup(n.URLs)
			addresses := strings.Fields(text)
			services, errs := notify.Check(addresses)
			switch {
			case len(errs) > 0:
				return failed(errs[0])
			case len(addresses) > 0:
				return fine("%s can be told", strings.Join(services, ", "))
			case e.vars.Get(vars.Actions) == "true":
				return warned("set it to a secret of the workflow", "not set: nobody is told")
			}
			return skipped("not set: nobody is told from here")
		}}
	}
	return checks
}
