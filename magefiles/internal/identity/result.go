package identity

import (
	"context"

	gateway "github.com/moby/buildkit/frontend/gateway/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// FromResult returns the fingerprint of an image from a daemon's own answer, before anything of it is built. directory says
// which directory, relative to the root, a session serves under a name. Addresses and git references are asked of the
// daemon, which builds from what it answers.
func FromResult(
	ctx context.Context, client gateway.Client, image plan.Image, result *Result,
	directory func(session, name string) (string, bool), o Options,
) Fingerprint {
	c := canonicalForm{files: o.Files, directory: directory, remote: askDaemon(client)}
	tree, err := o.canonicalTree(ctx, image, result, c)
	if err != nil {
		return Fingerprint{Unknown: errorFirstLine(err)}
	}
	return Fingerprint{Key: tree.Key(), Tree: tree}
}
