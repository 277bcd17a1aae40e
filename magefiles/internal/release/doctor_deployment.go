package release

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// deploymentChecks ask each branch of the deployment repositories all that a bump would find out the hard way.
func (e *examination) deploymentChecks() []doctor.Check {
	if e.plan == nil || len(e.plan.Deployments) == 0 {
		reason := "needs an environment"
		if e.plan != nil {
			reason = fmt.Sprintf("environment %s deploys nowhere", e.plan.Environment)
		}
		return []doctor.Check{{Group: "deployment", Name: "read", Run: constantly(skipped(reason))}}
	}
	options := e.gitHub(vars.DeployToken)
	options.Notice, options.Deadline = nil, checkTime
	client, err := deployment.New(options)
	var checks []doctor.Check
	for _, d := range e.plan.Deployments {
		b := &branch{client: client, err: err, target: d, environment: e.plan.Environment}
		for _, check := range []doctor.Check{
			{Name: "read", Run: b.reads}, {Name: "write", Run: b.writes}, {Name: "rules", Run: b.rules}, {Name: "keys", Run: b.keys}, {Name: "holds", Run: b.holds},
		} {
			check.Group, check.Subject, check.Late = "deployment", d.Repository+"@"+d.Branch, "GitHub does not answer: check the network, the proxy and GITHUB_API_URL"
			checks = append(checks, check)
		}
	}
	return checks
}

// branch is one of a deployment repository, read once for all checks.
type branch struct {
	client      *deployment.Client
	err         error // why there is no client
	target      plan.Deployment
	environment string
	once        sync.Once
	snapshot    *deployment.Snapshot
	readErr     error
}

func (b *branch) read(ctx context.Context) (*deployment.Snapshot, error) {
	if b.err != nil {
		return nil, b.err
	}
	b.once.Do(func() { b.snapshot, b.readErr = b.client.Read(ctx, b.target) })
	return b.snapshot, b.readErr
}

// on runs a check that needs the branch's content; that this cannot be read is told once, by reads.
func (b *branch) on(ctx context.Context, check func(*deployment.Snapshot) doctor.Finding) doctor.Finding {
	snapshot, err := b.read(ctx)
	if err != nil {
		return skipped("needs to be read")
	}
	return check(snapshot)
}

func (b *branch) reads(ctx context.Context) doctor.Finding {
	snapshot, err := b.read(ctx)
	if err != nil {
		return failed(err)
	}
	return fine("%s at %.8s, with %s", count(len(snapshot.Files), "file"), snapshot.Head, vars.DeployToken)
}

func (b *branch) writes(ctx context.Context) doctor.Finding {
	return b.on(ctx, func(snapshot *deployment.Snapshot) doctor.Finding {
		err := snapshot.CheckWrite()
		if err == nil {
			err = b.client.ProveWrite(ctx, b.target)
		}
		switch {
		case err != nil:
			return failed(err)
		case b.target.PullRequest != nil:
			return fine("%s may commit and open pull requests", vars.DeployToken)
		}
		return fine("%s may commit", vars.DeployToken)
	})
}

func (b *branch) rules(ctx context.Context) doctor.Finding {
	return b.on(ctx, func(*deployment.Snapshot) doctor.Finding {
		notice, err := b.client.CheckRules(ctx, b.target)
		switch {
		case err != nil:
			return failed(err)
		case notice != "":
			return warned("if a bump is refused: deploy.mode: pull-request in astrago.yaml", "%s", notice)
		case b.target.PullRequest != nil:
			return fine("changes come by pull request")
		}
		return fine("none refuses a direct commit")
	})
}

// keys evaluates every expression of `set` on the files as they are.
func (b *branch) keys(ctx context.Context) doctor.Finding {
	return b.on(ctx, func(snapshot *deployment.Snapshot) doctor.Finding {
		draft, err := snapshot.Edit(b.target)
		if err != nil {
			return failed(err)
		}
		if len(draft.Changes) == 0 {
			return fine("all there, with the values of this commit")
		}
		paths := make([]string, len(draft.Changes))
		for i, change := range draft.Changes {
			paths[i] = change.Path
		}
		return fine("all there; a bump would set %s", strings.Join(paths, ", "))
	})
}

func (b *branch) holds(ctx context.Context) doctor.Finding {
	return b.on(ctx, func(snapshot *deployment.Snapshot) doctor.Finding {
		if err := snapshot.CheckHolds(); err != nil {
			return failed(err)
		}
		held := map[string]bool{}
		for _, h := range snapshot.Holds {
			held[h.Component] = true
		}
		if n := len(held); n > 0 {
			return warned("mage hold -env="+b.environment, "%s held: releases may be refused", count(n, "component"))
		}
		return fine("nothing is held")
	})
}
