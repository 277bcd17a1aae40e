//go:build !linux

package daemon

import (
	"context"
	"fmt"
	"path/filepath"
)

// Process is a running daemon.
type Process struct{}

// Start has nothing to start: Debian's daemons run on Linux only.
func Start(_ context.Context, o Options) (*Process, error) {
	return nil, fmt.Errorf("starting %s: it needs Linux", filepath.Base(o.Path))
}

// Stop does nothing.
func (*Process) Stop() error { return nil }
