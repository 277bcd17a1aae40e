package targets

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/command/status"
)

// Status shows what is deployed in every environment: tags, commits, images, holds, Argo CD, and what does not fit together.
func Status(ctx context.Context,
	env *string, // environments to show, separated by commas (default: all)
	json *bool, // print the status as JSON
	html *string, // also write an HTML dashboard to this file
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	return run(ctx, status.Run, status.Options{Flags: flags(env, nil, json, v, vv), HTML: value(html)})
}
