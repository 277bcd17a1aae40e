// Package doctor is `mage doctor`: it checks this machine, this checkout and everything that a release from here would meet, and
// changes none of it. What is missing, be it the configuration itself, is a finding and hides no other.
package doctor

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	astragoci "github.com/xiilab/astrago-ci"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor/machine"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/requests"
	"github.com/xiilab/astrago-ci/magefiles/internal/transport"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// checkTimeout is the time limit of a check; all run concurrently.
const checkTimeout = 20 * time.Second

// Options are the flags of `mage doctor`.
type Options struct{ cli.Flags }

// Run runs all checks and prints their findings; failed ones are reported there.
func Run(ctx context.Context, p cli.Process, o Options) error {
	ctx, env := cli.Start(ctx, p, cli.Command{Name: report.CommandDoctor, Unreported: true, Quiet: true}, o.Flags)
	err := (&doctorRun{env: env}).run(ctx)
	outcome := report.Done
	if err != nil {
		outcome = report.OutcomeOf(err)
	}
	if flushErr := env.End(ctx, outcome, err); err == nil {
		err = flushErr
	}
	return err
}

// doctorRun is one run of the command. It goes on where something is missing: the project's configuration and plan are nil then.
type doctorRun struct {
	env       *cli.Env
	rootErr   error // why there is no root, and so on
	configErr error
	commitErr error
	planErr   error
}

// run checks everything and prints what was found.
func (d *doctorRun) run(ctx context.Context) error {
	d.openProject(ctx)
	findings := report.Doctor{Version: astragoci.Version(), Results: doctor.Run(ctx, d.allChecks(), checkTimeout)}
	if d.env.Project.Config != nil {
		findings.Service = d.env.Project.Config.Service
	}
	if d.env.Project.Plan != nil {
		findings.Environment = d.env.Project.Plan.Environment
	}
	err := printFindings(d.env, findings)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("writing the findings: %w", err)
	case !findings.Healthy():
		return cli.Reported(problem.New(problem.Failed, "", "%d checks fail", doctor.Count(findings.Results, doctor.Fail)), report.Failed)
	}
	return nil
}

// printFindings writes the findings to standard output: for people, or as JSON.
func printFindings(env *cli.Env, findings report.Doctor) error {
	if env.Flags.JSON {
		return env.PrintDocument(func(w io.Writer) error { return report.DoctorJSON(w, findings) })
	}
	return env.PrintConsole(func(c *console.Console) { c.Doctor(findings) })
}

// openProject finds out what there is to check. It reads files and asks git; nothing of it takes long.
func (d *doctorRun) openProject(ctx context.Context) {
	project := d.env.Project
	if err := d.env.FindConfig(); project.Root == "" {
		d.rootErr = err
	} else {
		d.configErr = err
	}
	d.commitErr = d.env.ReadHead(ctx)
	if cmp.Or(d.rootErr, d.configErr, d.commitErr) != nil {
		return
	}
	created, err := cli.SourceDate(d.env.Vars)
	if err != nil {
		d.planErr = err
		return
	}
	project.Plan, d.planErr = plan.New(project.Config, project.Commit, plan.Options{
		Environment: d.env.Flags.Environment, Created: created, Platform: inputs.HostPlatform(),
	})
}

// allChecks lists everything in the order in which it is shown.
func (d *doctorRun) allChecks() []doctor.Check {
	all := []doctor.Check{
		{Group: "machine", Name: "go", Run: func(ctx context.Context) doctor.Finding { return machine.Go(ctx, astragoci.GoVersion()) }},
		{Group: "machine", Name: "git", Run: machine.Git},
		{Group: "machine", Name: "clock", Run: d.checkClock(), Late: "check this machine's network and proxy"},
		{Group: "machine", Name: "disk", Run: d.checkDisk},
		{Group: "repository", Name: "commit", Run: d.checkCommit},
		{Group: "repository", Name: "ci", Run: d.checkSubmodule},
		{Group: "repository", Name: "config", Run: d.checkConfig},
		{Group: "repository", Name: "environment", Run: d.checkEnvironment},
		{Group: "repository", Name: "archives", Run: d.checkArchives},
		{Group: "repository", Name: "workflow", Run: d.checkWorkflow},
		{Group: "repository", Name: "operate", Run: d.checkOperate},
		{
			Group: "build", Name: "buildkit", Run: d.checkBuildKit,
			Late: "start that daemon, or unset BUILDKIT_HOST to use one on this machine",
		},
		{Group: "build", Name: "load", Run: d.checkLoad, Late: "start Docker or containerd, or write `load: none` in astrago.yaml"},
	}
	return slices.Concat(all, d.daemonChecks(), d.registryChecks(), d.deploymentChecks(), d.argocdChecks(), d.notifyChecks())
}

// checkClock asks the servers that a release talks to; any answer has a date.
func (d *doctorRun) checkClock() func(context.Context) doctor.Finding {
	addresses := []string{cmp.Or(d.env.Vars.Get(vars.APIURL), "https://api.github.com") + "/rate_limit"}
	for _, repository := range d.env.Project.Repositories() {
		if address := d.env.Clients.Registry().Address(repository); address != "" && !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	client := &http.Client{
		Transport:     requests.Transport(transport.New(transport.Options{})),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context) doctor.Finding { return machine.Clock(ctx, client, addresses) }
}
