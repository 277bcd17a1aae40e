package doctor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/github/app"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// clockTolerance is the accepted error of a clock: GitHub accepts an App's signature up to a minute before its time.
const clockTolerance = 30 * time.Second

// identityChecks returns the checks of the GitHub App, where one deploys: it gets a token for each deployment repository. The other checks
// cover the rights of DEPLOY_TOKEN.
func (d *doctorRun) identityChecks() []doctor.Check {
	deployApp, err := d.env.Clients.Deployer().App()
	if deployApp == nil && err == nil {
		return nil
	}
	var checks []doctor.Check
	var seen []string
	for _, target := range d.env.Project.Plan.Deployments {
		if slices.Contains(seen, target.Repository) {
			continue
		}
		seen = append(seen, target.Repository)
		check := doctor.Check{
			Group: "deployment", Name: "identity", Subject: target.Repository,
			Late: "GitHub does not answer: check the network, the proxy and GITHUB_API_URL",
			Run:  func(ctx context.Context) doctor.Finding { return d.checkApp(ctx, deployApp, target.Repository) },
		}
		if err != nil {
			check.Run = constantCheck(failFinding(err))
		}
		checks = append(checks, check)
	}
	return checks
}

func (d *doctorRun) checkApp(ctx context.Context, deployApp *app.App, repository string) doctor.Finding {
	deployer := d.env.Clients.Deployer()
	grant, err := deployApp.Grant(ctx, repository, deployer.Permissions(repository))
	if err != nil {
		return failFinding(err)
	}
	text := fmt.Sprintf("%s (%s), installed at %s: %s", deployer.Identity().Name, grant.Name, grant.Account, grant.Permissions)
	switch {
	case grant.Ahead.Abs() > clockTolerance:
		return warnFinding("set the clock: timedatectl set-ntp true", "%s; this machine's clock is off by %s, and from a minute on GitHub "+
			"takes no signature of it", text, grant.Ahead.Abs())
	case deployer.IgnoresToken():
		return warnFinding(fmt.Sprintf("unset %s, or %s and %s", vars.DeployToken, vars.DeployAppID, vars.DeployAppKey),
			"%s; %s is set, too, and not used", text, vars.DeployToken)
	}
	return okFinding("%s", text)
}
