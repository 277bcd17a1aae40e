package doctor

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// deploymentChecks ask each branch of the deployment repositories all that a bump would find out the hard way.
func (d *doctorRun) deploymentChecks() []doctor.Check {
	if d.env.Project.Plan == nil || len(d.env.Project.Plan.Deployments) == 0 {
		reason := "needs an environment"
		if d.env.Project.Plan != nil {
			reason = fmt.Sprintf("environment %s deploys nowhere", d.env.Project.Plan.Environment)
		}
		return []doctor.Check{{Group: "deployment", Name: "read", Run: constantCheck(skipFinding(reason))}}
	}
	client, err := d.deploymentClient()
	checks := d.identityChecks()
	for _, target := range d.env.Project.Plan.Deployments {
		b := &branchChecks{
			client: client, err: err, target: target, environment: d.env.Project.Plan.Environment,
			identity: d.env.Clients.Deployer().Identity(),
		}
		for _, check := range []doctor.Check{
			{Name: "read", Run: b.checkRead},
			{Name: "write", Run: b.checkWrite},
			{Name: "token", Run: b.checkToken},
			{Name: "rules", Run: b.checkRules},
			{Name: "keys", Run: b.checkKeys},
			{Name: "holds", Run: b.checkHolds},
		} {
			check.Group, check.Subject, check.Late = "deployment", target.Repository+"@"+target.Branch,
				"GitHub does not answer: check the network, the proxy and GITHUB_API_URL"
			checks = append(checks, check)
		}
	}
	return checks
}

func (d *doctorRun) deploymentClient() (*gitops.Client, error) {
	options, err := d.env.Clients.Deployer().GitHub()
	if err != nil {
		return nil, err
	}
	options.Notice, options.Deadline = nil, checkTimeout
	return gitops.New(gitops.Options{Options: options})
}

// branchChecks are those of one branch of a deployment repository, which is read once for all of them.
type branchChecks struct {
	client      *gitops.Client
	err         error // why there is no client
	target      plan.Deployment
	environment string
	identity    github.Identity
	once        sync.Once
	snapshot    *repo.Snapshot
	readErr     error
}

func (b *branchChecks) readOnce(ctx context.Context) (*repo.Snapshot, error) {
	if b.err != nil {
		return nil, b.err
	}
	b.once.Do(func() { b.snapshot, b.readErr = b.client.Repo.Read(ctx, b.target) })
	return b.snapshot, b.readErr
}

// withSnapshot runs a check that needs the branch's content; checkRead alone reports an unreadable branch.
func (b *branchChecks) withSnapshot(ctx context.Context, check func(*repo.Snapshot) doctor.Finding) doctor.Finding {
	snapshot, err := b.readOnce(ctx)
	if err != nil {
		return skipFinding("needs to be read")
	}
	return check(snapshot)
}

func (b *branchChecks) checkRead(ctx context.Context) doctor.Finding {
	snapshot, err := b.readOnce(ctx)
	if err != nil {
		return failFinding(err)
	}
	return okFinding("%s at %s, with %s", report.Plural(len(snapshot.Files), "file"), snapshot.Head.Short(), b.identity.Name)
}

func (b *branchChecks) checkWrite(ctx context.Context) doctor.Finding {
	return b.withSnapshot(ctx, func(snapshot *repo.Snapshot) doctor.Finding {
		err := snapshot.CheckWrite(b.identity)
		if err == nil {
			err = b.client.Access.ProveWrite(ctx, b.target)
		}
		switch {
		case err != nil:
			return failFinding(err)
		case b.target.PullRequest != nil:
			return okFinding("%s may commit and open pull requests", b.identity.Name)
		}
		return okFinding("%s may commit", b.identity.Name)
	})
}

// shortLife is the remaining lifetime below which a token should be replaced.
const shortLife = 14 * 24 * time.Hour

// checkToken says when the token expires, which GitHub tells of personal ones.
func (b *branchChecks) checkToken(ctx context.Context) doctor.Finding {
	return b.withSnapshot(ctx, func(*repo.Snapshot) doctor.Finding {
		if b.identity.App {
			return okFinding("%s gets a new one each hour", b.identity.Name)
		}
		at, err := b.client.Access.TokenExpiry(ctx, b.target)
		if err != nil {
			return failFinding(err)
		}
		return tokenFinding(b.identity.Name, at, time.Now())
	})
}

func tokenFinding(name string, at, now time.Time) doctor.Finding {
	day := at.Format(time.DateOnly)
	switch left := at.Sub(now); {
	case at.IsZero():
		return okFinding("GitHub tells no day on which %s expires", name)
	case left < shortLife:
		return warnFinding("make a new one and store it in its place, also as a secret of the repository",
			"%s expires on %s, in %s", name, day, report.Plural(int(left.Hours()/24), "day"))
	}
	return okFinding("%s expires on %s", name, day)
}

func (b *branchChecks) checkRules(ctx context.Context) doctor.Finding {
	return b.withSnapshot(ctx, func(*repo.Snapshot) doctor.Finding {
		notice, err := b.client.Access.CheckRules(ctx, b.target)
		switch {
		case err != nil:
			return failFinding(err)
		case notice != "":
			return warnFinding("if a bump is refused: deploy.mode: pull-request in astrago.yaml", "%s", notice)
		case b.target.PullRequest != nil:
			return okFinding("changes come by pull request")
		}
		return okFinding("no branch rule blocks direct commits")
	})
}

// checkKeys evaluates every expression of `set` on the files as they are.
func (b *branchChecks) checkKeys(ctx context.Context) doctor.Finding {
	return b.withSnapshot(ctx, func(snapshot *repo.Snapshot) doctor.Finding {
		draft, err := edit.New(snapshot, b.target)
		if err != nil {
			return failFinding(err)
		}
		if len(draft.Changes) == 0 {
			return okFinding("all there, with the values of this commit")
		}
		paths := make([]string, len(draft.Changes))
		for i, change := range draft.Changes {
			paths[i] = change.Path
		}
		return okFinding("all there; a bump would set %s", strings.Join(paths, ", "))
	})
}

func (b *branchChecks) checkHolds(ctx context.Context) doctor.Finding {
	return b.withSnapshot(ctx, func(snapshot *repo.Snapshot) doctor.Finding {
		if err := snapshot.CheckHolds(); err != nil {
			return failFinding(err)
		}
		held := map[component.Name]bool{}
		for _, h := range snapshot.Holds {
			held[h.Component] = true
		}
		if n := len(held); n > 0 {
			return warnFinding("mage hold -env="+b.environment, "%s held: releases may be refused", report.Plural(n, "component"))
		}
		return okFinding("nothing is held")
	})
}
