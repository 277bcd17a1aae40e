package buildkit

import (
	"context"
	"strings"

	gateway "github.com/moby/buildkit/frontend/gateway/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// requireOwnGrants refuses a base image whose ONBUILD instructions use the secrets or SSH keys of the build: what is granted to
// the Dockerfile's own steps would be the base image's, too.
func (q *frontendQuery) requireOwnGrants(ctx context.Context, result *gateway.Result) error {
	if q.job.OnBuildMounts || len(q.job.secrets) == 0 && q.job.ssh == nil {
		return nil
	}
	steps, err := identity.OnBuildGrants(ctx, result)
	if err != nil || len(steps) == 0 {
		return err
	}
	return problem.New(problem.Refused,
		"take a base image without them; or, where they are meant to have the component's secrets, set `onbuildMounts: true`",
		"building component %q: its base image runs steps of its own that could read its secrets and SSH keys:\n  %s",
		q.job.Component, strings.Join(steps, "\n  "))
}
