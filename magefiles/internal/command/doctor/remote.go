package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/notify"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// registryPatience is for the answer to one request, so that several fit into a check's time.
const registryPatience = 5 * time.Second

// registryChecks ask for each repository of images whether it can be reached and pushed to, and with what.
func (d *doctorRun) registryChecks() []doctor.Check {
	repositories := d.env.Project.Repositories()
	if len(repositories) == 0 {
		return []doctor.Check{{Group: "registry", Name: "push", Run: constantCheck(skipFinding("needs " + config.FileName))}}
	}
	client := registry.New(registry.Options{
		Keychain: d.env.Clients.Keychain(), Machine: d.env.Clients.Machine(), Push: true, Patience: registryPatience,
	})
	checks := make([]doctor.Check, len(repositories))
	for i, repository := range repositories {
		checks[i] = doctor.Check{
			Group: "registry", Name: "push", Subject: repository.String(),
			Late: repository.Host + " does not answer: check the network and the proxy",
			Run: func(ctx context.Context) doctor.Finding {
				proof, err := client.ProvePush(ctx, repository)
				if err != nil {
					return failFinding(err)
				}
				source := client.Source(ctx, repository)
				if source == "" {
					return okFinding("reachable, and everyone may push")
				}
				return okFinding("reachable, and %s may push: %s", source, proof)
			},
		}
	}
	return checks
}

func constantCheck(f doctor.Finding) func(context.Context) doctor.Finding {
	return func(context.Context) doctor.Finding { return f }
}

// argocdChecks ask Argo CD for each of the environment's applications.
func (d *doctorRun) argocdChecks() []doctor.Check {
	none := func(reason string) []doctor.Check {
		return []doctor.Check{{Group: "argocd", Name: "application", Run: constantCheck(skipFinding(reason))}}
	}
	switch {
	case d.env.Project.Plan == nil:
		return none("needs an environment")
	case len(d.env.Project.Plan.ArgoCD) == 0:
		return none(fmt.Sprintf("environment %s names no application of Argo CD", d.env.Project.Plan.Environment))
	}
	checks := make([]doctor.Check, len(d.env.Project.Plan.ArgoCD))
	for i, a := range d.env.Project.Plan.ArgoCD {
		checks[i] = doctor.Check{
			Group: "argocd", Name: "application", Late: "check that Argo CD runs and can be reached from here",
			Run: func(ctx context.Context) doctor.Finding { return d.argocdAnswers(ctx, a) },
		}
	}
	return checks
}

func (d *doctorRun) argocdAnswers(ctx context.Context, named config.ArgoCD) doctor.Finding {
	client, missing, err := d.env.Clients.ArgoCD(named)
	switch {
	case err != nil:
		return failFinding(err)
	case missing != "":
		return warnFinding("set it, and `release` waits until the commit is live", "%s: a release ends with its commit", missing)
	}
	target := rollout.Target(named, nil, rollout.PlannedCommits(d.env))
	if err := client.Ask(ctx, target); err != nil {
		return failFinding(err)
	}
	if client.SignsIn() {
		return okFinding("%s shows it to this workflow, by its identity (OpenID Connect)", client.Page(target))
	}
	return okFinding("%s shows it to %s", client.Page(target), vars.ArgoCDToken)
}

// notifyChecks returns the checks of the addresses that are notified of a run's end.
func (d *doctorRun) notifyChecks() []doctor.Check {
	if d.env.Project.Plan == nil {
		return nil
	}
	checks := make([]doctor.Check, len(d.env.Project.Plan.Notify))
	for i, n := range d.env.Project.Plan.Notify {
		checks[i] = doctor.Check{Group: "notify", Name: "addresses", Subject: n.URLs, Run: func(context.Context) doctor.Finding {
			text, _ := d.env.Vars.Lookup(n.URLs)
			addresses := strings.Fields(text)
			services, errs := notify.Check(addresses)
			switch {
			case len(errs) > 0:
				return failFinding(errs[0])
			case len(addresses) > 0:
				return okFinding("%s can be told", strings.Join(services, ", "))
			case d.env.InWorkflow():
				return warnFinding("set it to a secret of the workflow", "not set: no notifications are sent")
			}
			return skipFinding("not set: no notifications from here")
		}}
	}
	return checks
}
