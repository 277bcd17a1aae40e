package buildkit

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/attachable"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
)

// contextServers serve the build contexts to each of the daemons.
type contextServers map[*daemon.Connection]*attachable.Contexts

func serveContexts(ctx context.Context, connections []*daemon.Connection, src attachable.Source) contextServers {
	all := contextServers{}
	for _, c := range connections {
		src.Node = c.NodeID
		all[c] = attachable.OpenContexts(ctx, c.Client, src)
	}
	return all
}

// Close stops serving files to the daemons.
func (s contextServers) Close() {
	for _, served := range s {
		served.Close()
	}
}

// transferFailure returns what a transfer failed of, where a build failed because of it; nil where none did.
func (s contextServers) transferFailure(err error) error {
	for _, served := range s {
		if failed := served.TransferFailure(err); failed != nil {
			return failed
		}
	}
	return nil
}
