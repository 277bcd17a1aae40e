// Package daemon finds BuildKit daemons, or starts one: those of BUILDKIT_HOST, astrago-ci's container in Docker, one that listens on this
// machine, or astrago-ci's own, which stops by itself when it is idle.
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
	// Local reports that the daemon is on this machine: behind a socket or on loopback, in a container of the local Docker or Podman, or
	// astrago-ci's own.
	Local bool
	// InTheClear reports that what goes to the daemon can be read and changed on the way: tcp:// without TLS to another machine.
	InTheClear bool
	Version    string             // the daemon's, such as v0.34.2; empty where it does not report it
	Platforms  []ocispec.Platform // what its default worker builds, its own first
	CPUs       int                // how many it may use; 0 where that is unknown
	stop       func() error
	reserve    string // file that may go when the daemon's disk is full; empty where there is none
}

// Close ends the connection. A daemon that astrago-ci started stays up for the next command, and stops by itself when it is idle.
func (c *Connection) Close() error {
	err := c.Client.Close()
	if c.stop != nil {
		if serr := c.stop(); err == nil {
			err = serr
		}
	}
	return err
}

// Options says where to look for a daemon, and holds the settings of astrago-ci's own one.
type Options struct {
	Host     string   // BUILDKIT_HOST: one address or several with commas
	TLS      TLS      // for addresses of Host with tcp://
	Sockets  []string // addresses tried when Host is empty, see LocalSockets
	CacheDir string   // the user's cache for this tool; astrago-ci's own daemon and this machine's id live there
	Daemon   Settings // settings of astrago-ci's own daemon
	// Docker lets astrago-ci's container in Docker be used, and created where there is none, from DockerImage (DefaultDockerImage when
	// empty).
	Docker      bool
	DockerImage string
	// Existing leaves out what would have to be made first: a container, or astrago-ci's own daemon where it has left no state. Without
	// Host, its own daemon is then taken in addition to another one.
	Existing bool
	BinDir   string // where buildkitd is kept once built; <CacheDir>/bin by default
	// ToolsDir returns the directory of the pinned tool modules (scripts/tools); called only when buildkitd must be built.
	ToolsDir func(ctx context.Context) (string, error)
	// Say shows the person what takes time or changes the machine, before it is done.
	Say func(format string, args ...any)
}

// Connect finds a BuildKit daemon, in the order: Host, astrago-ci's container in Docker, one of Sockets, its own daemon (Linux), which it
// starts when it is not running. Of several addresses in Host the first that answers is taken; where none does, that is an error: nothing
// else is tried in their place.
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

// discoverFirst takes the first daemon that it finds. With Existing it also takes astrago-ci's own: it may hold state from a time when
// there was no other.
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

// discoverOthers finds astrago-ci's container in Docker or a daemon behind one of the sockets, or returns why there is none.
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

// dockerLock returns the path of the lock that is held while the container is created.
func (o Options) dockerLock() string { return filepath.Join(o.CacheDir, "docker.lock") }
