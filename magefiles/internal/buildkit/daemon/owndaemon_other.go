//go:build !linux

package daemon

import "context"

// ownDaemon has nothing to start: buildkitd with an OCI worker runs on Linux only.
func ownDaemon(_ context.Context, _ Options, tried []string) (*Connection, error) {
	return nil, noDaemon("none is running, and astrago-ci starts one on Linux only", tried)
}

// Stop has nothing to stop.
func Stop(context.Context, string) error { return nil }

func canStart() error { return noDaemon("astrago-ci starts one on Linux only", nil) }
