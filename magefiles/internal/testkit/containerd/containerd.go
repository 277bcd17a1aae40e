// Package containerd gives tests a real containerd: Debian's, with state of its own, on a socket of its own.
package containerd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/daemon"
)

const (
	client = "/usr/bin/ctr"
	server = "/usr/bin/containerd"
)

// Containerd is a running containerd.
type Containerd struct {
	Socket string // path of the socket of its API

	dir     string
	process *daemon.Process
}

// Start installs containerd if it is missing and starts it without the Kubernetes plugin. What it keeps is below the
// temporary directory, until Stop.
func Start(ctx context.Context) (*Containerd, error) {
	if err := daemon.Install(ctx, []string{"containerd"}, client, server); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "containerd")
	if err != nil {
		return nil, fmt.Errorf("starting containerd: %w", err)
	}
	c := &Containerd{Socket: filepath.Join(dir, "containerd.sock"), dir: dir}
	config := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(config, c.config(), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("starting containerd: %w", err), os.RemoveAll(dir))
	}
	c.process, err = daemon.Start(ctx, daemon.Options{
		Path: server,
		Args: []string{"--config=" + config},
		Log:  filepath.Join(dir, "containerd.log"),
		// ctr waits for the socket's answer by itself, for as long as ctx allows.
		Ready: func(ctx context.Context) error { return c.Command(ctx, "version").Run() },
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return c, nil
}

// Stop ends containerd with all its containers and removes what it kept.
func (c *Containerd) Stop() error { return errors.Join(c.process.Stop(), os.RemoveAll(c.dir)) }

// Command is Debian's ctr command for this containerd.
func (c *Containerd) Command(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, client, append([]string{"--address=" + c.Socket}, args...)...)
}

// config is containerd's config.toml (containerd-config.toml(5)).
func (c *Containerd) config() []byte {
	return fmt.Appendf(nil, `version = 2
root = %q
state = %q
disabled_plugins = [ "io.containerd.grpc.v1.cri" ]

[grpc]
  address = %q

[plugins."io.containerd.internal.v1.opt"]
  path = %q
`, filepath.Join(c.dir, "root"), filepath.Join(c.dir, "state"), c.Socket, filepath.Join(c.dir, "opt"))
}
