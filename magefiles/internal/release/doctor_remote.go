package release

import (
	"context"
	"fmt"
	"strings"
	"time"

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

// argocdChecks ask ArgoCD for each of the environment's applications.
func (e *examination) argocdChecks() []doctor.Check {
	none := func(reason string) []doctor.Check {
		return []doctor.Check{{Group: "argocd", Name: "application", Run: constantly(skipped(reason))}}
	}
	switch {
	case e.plan == nil:
		return none("needs an environment")
	case len(e.plan.ArgoCD) == 0:
		return none(fmt.Sprintf("environment %s names no application of ArgoCD", e.plan.Environment))
	}
	checks := make([]doctor.Check, len(e.plan.ArgoCD))
	for i, a := range e.plan.ArgoCD {
		checks[i] = doctor.Check{
			Group: "argocd", Name: "application", Late: "check that ArgoCD runs and can be reached from here",
			Run: func(ctx context.Context) doctor.Finding { return e.argocdAnswers(ctx, a) },
		}
	}
	return checks
}

func (e *examination) argocdAnswers(ctx context.Context, named config.ArgoCD) doctor.Finding {
	client, missing, err := e.argocdAt(named.Server)
	switch {
	case err != nil:
		return failed(err)
	case missing != "":
		return warned("set it, and `release` waits until the commit is live", "%s: a release ends with its commit", missing)
	}
	target := application{ArgoCD: named}.target(e.plannedCommits())
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
