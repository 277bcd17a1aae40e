package targets

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/command/notes"
)

// Notes tells what a deployment brings to an environment, and what it takes back: commits, pull requests and issues.
func Notes(ctx context.Context,
	env *string, // environment (default: the one mapped to the current branch)
	from *string, // compare with what this environment has (default: `from` in astrago.yaml, else the commit that is checked out)
	since *string, // show what was deployed since this commit or tag
	only *string, // components, separated by commas (default: all)
	json *bool, // print the notes as JSON
	v *bool, // log stages, decisions and requests; as `mage -v` does
	vv *bool, // also log retries, git commands, request headers and build steps
) error {
	return run(ctx, notes.Run, notes.Options{Flags: flags(env, only, json, v, vv), From: value(from), Since: value(since)})
}
