// Package daemon finds BuildKit daemons, or starts one: those of BUILDKIT_HOST, a container of ours in Docker, one that listens on this
// machine, or our own, which stops by itself when it is idle.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/util/bklog"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Connection is a BuildKit daemon that has answered.
type Connection struct {
	Client  *client.Client
	Address string // as BUILDKIT_HOST takes it
	Why     string // why this daemon: a sentence part such as "BUILDKIT_HOST is set"
	NodeID  string // this machine's id, stable between runs
	Log     string // the daemon's log, where we started it
	// Local reports that the daemon is on this machine: behind a socket or on loopback, in a container of the local Docker
	// or Podman, or our own.
	Local bool
	// InTheClear reports that what goes to the daemon can be read and changed on the way: tcp:// without TLS to another machine.
	InTheClear bool
	Version    string             // the daemon's, such as v0.34.2; empty where it does not report it
	Platforms  []ocispec.Platform // what its default worker builds, its own first
	CPUs       int                // how many it may use; 0 where that is unknown
	stop       func() error
	reserve    string // file that may go when the daemon's disk is full; empty where there is none
}

// Close ends the connection. A daemon of ours stays up for the next command, and stops by itself when it is idle.
func (c *Connection) Close() error {
	err := c.Client.Close()
	if c.stop != nil {
		if serr := c.stop(); err == nil {
			err = serr
		}
	}
	return err
}

// Options says where to look for a daemon, and what our own one needs.
type Options struct {
	Host     string   // BUILDKIT_HOST: one address or several with commas
	TLS      TLS      // for addresses of Host with tcp://
	Sockets  []string // addresses tried when Host is empty, see LocalSockets
	CacheDir string   // the user's cache for this tool; our own daemon and this machine's id live there
	Daemon   Settings // how our own daemon is kept
	// Docker lets a container of ours in Docker be used, and created where there is none, from DockerImage
	// (DefaultDockerImage when empty).
	Docker      bool
	DockerImage string
	// Existing leaves out what would have to be made first: a container, or our own daemon where none has left anything. Without
	// Host, our own one is then taken beside another.
	Existing bool
	BinDir   string // where buildkitd is kept once built; <CacheDir>/bin by default
	// ToolsDir returns the directory of the pinned tool modules (scripts/tools); called only when buildkitd must be built.
	ToolsDir func(ctx context.Context) (string, error)
	// Say shows the person what takes time or changes the machine, before it is done.
	Say func(format string, args ...any)
}

// Connect finds a BuildKit daemon, in the order: Host, our container in Docker, one of Sockets, our own (Linux), which it starts when it is
// not running. Of several addresses in Host the first that answers is taken; where none does, that
// is an error: nothing else is tried in their place.
func Connect(ctx context.Context, o Options) (*Connection, error) {
	all, err := connectWith(ctx, o, func(ctx context.Context, o Options) ([]*Connection, error) {
		c, err := connectHost(ctx, o)
		return []*Connection{c}, err
	})
	if err != nil {
		return nil, err
	}
	return all[0], CloseAll(all[1:])
}

// ConnectAll is Connect for users of more than one daemon: it dials every address of Host at once and returns those that
// answer, in Host's order. Dead ones are reported through Say; only when none answers is that an error. Without Host it returns
// the one daemon that Connect finds, see Existing for the exception. CloseAll ends the connections.
func ConnectAll(ctx context.Context, o Options) ([]*Connection, error) {
	return connectWith(ctx, o, connectHosts)
}

// CloseAll closes connections.
func CloseAll(all []*Connection) error {
	var err error
	for _, c := range all {
		err = errors.Join(err, c.Close())
	}
	return err
}

func connectWith(ctx context.Context, o Options, hosts func(context.Context, Options) ([]*Connection, error)) ([]*Connection, error) {
	bklog.L.Logger.SetOutput(io.Discard)
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	if o.BinDir == "" {
		o.BinDir = filepath.Join(o.CacheDir, "bin")
	}
	node, err := nodeID(o.CacheDir)
	if err != nil {
		return nil, err
	}
	var all []*Connection
	if o.Host != "" {
		all, err = hosts(ctx, o)
	} else {
		all, err = discoverFirst(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		c.NodeID = node
	}
	return all, nil
}

// discoverFirst takes the first daemon that it finds. With Existing it also takes our own: it may have kept something from a time
// when there was no other.
func discoverFirst(ctx context.Context, o Options) ([]*Connection, error) {
	c, tried := discoverOthers(ctx, o)
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if c != nil && !o.Existing {
		return []*Connection{c}, nil
	}
	own, err := ownDaemon(ctx, o, tried)
	switch {
	case err == nil && c == nil:
		own.setLocal(true)
		return []*Connection{own}, nil
	case err == nil:
		own.setLocal(true)
		return []*Connection{c, own}, nil
	case c == nil:
		return nil, err
	case !errors.Is(err, ErrNotFound):
		o.Say("going on without our own BuildKit daemon: %s", err)
	}
	return []*Connection{c}, nil
}

// discoverOthers finds our container in Docker, or a daemon behind one of the sockets, or says why there is none.
func discoverOthers(ctx context.Context, o Options) (c *Connection, tried []string) {
	if o.Docker {
		c, err := dockerDaemon(ctx, o)
		if err == nil || ctx.Err() != nil {
			return c, nil
		}
		if !errors.Is(err, errNoDocker) {
			o.Say("going on without a BuildKit container in Docker: %s", err)
		}
		tried = append(tried, err.Error())
	}
	for _, address := range o.Sockets {
		if _, err := os.Stat(strings.TrimPrefix(address, "unix://")); err != nil {
			continue
		}
		c, err := dialAddress(ctx, address)
		if err == nil {
			c.Why = "it is running on this machine"
			c.setLocal(true)
			return c, nil
		}
		tried = append(tried, fmt.Sprintf("%s: %s", address, dialCause(err)))
	}
	return nil, tried
}

// dockerLock is held while our container is created.
func (o Options) dockerLock() string { return filepath.Join(o.CacheDir, "docker.lock") }
