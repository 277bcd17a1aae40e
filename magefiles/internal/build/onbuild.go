package build

import (
	"context"
	"strings"

	gateway "github.com/moby/buildkit/frontend/gateway/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// requireOwnMounts refuses a base image whose ONBUILD instructions mount something, where the build has secrets or SSH keys:
// what is granted to the Dockerfile's own steps would be the base image's, too.
func (q *question) requireOwnMounts(ctx context.Context, c gateway.Client, result *gateway.Result) error {
	if q.job.OnBuildMounts || len(q.job.secrets) == 0 && q.job.ssh == nil {
		return nil
	}
	mounts, err := identity.OnBuildMounts(ctx, c, result)
	if err != nil || len(mounts) == 0 {
		return err
	}
	return problem.New(problem.Refused, "take a base image without them; or, where they are meant to have the component's secrets, set `onbuildMounts: true`",
		"building component %q: its base image runs steps of its own that could read its secrets and SSH keys:\n  %s",
		q.job.Component, strings.Join(mounts, "\n  "))
}
