package build

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/util/bklog"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// probeTimeout is how long a daemon may take to answer the first request; one on this machine takes milliseconds.
const probeTimeout = 10 * time.Second

// Connection is a BuildKit daemon that has answered.
type Connection struct {
	Client  *client.Client
	Address string // as client.New takes it
	Why     string // why this daemon: a sentence part such as "BUILDKIT_HOST is set"
	NodeID  string // this machine's id, stable between runs
	Log     string // the daemon's log, where we started it
	stop    func() error
}

// Close ends the connection. If the daemon is ours and nobody else uses it, it is stopped; else Close waits for the other
// users, unless the context given to Connect has ended.
func (c *Connection) Close() error {
	err := c.Client.Close()
	if c.stop != nil {
		if serr := c.stop(); err == nil {
			err = serr
		}
	}
	return err
}

// ConnectOptions says where to look for a daemon, and what our own one needs.
type ConnectOptions struct {
	Host     string   // BUILDKIT_HOST: one address or several with commas, unix:// or tcp://; the first that answers is taken
	Sockets  []string // addresses tried when Host is empty, see LocalSockets
	CacheDir string   // the user's cache for this tool; our own daemon and this machine's id live there
	BinDir   string   // where buildkitd is kept once built; <CacheDir>/bin by default
	// ToolsDir gives the directory of the pinned tool modules (scripts/tools); called only when buildkitd must be built.
	ToolsDir func(ctx context.Context) (string, error)
	// Say tells the person what takes time or changes the machine, before it is done.
	Say func(format string, args ...any)
}

// Connect finds a BuildKit daemon, in the order: Host, one of Sockets, our own (Linux as root), which it starts when no
// other process on this machine has. A Host that does not answer is an error: nothing else is tried in its place.
func Connect(ctx context.Context, o ConnectOptions) (*Connection, error) {
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
	c, err := discover(ctx, o)
	if err != nil {
		return nil, err
	}
	c.NodeID = node
	return c, nil
}

func discover(ctx context.Context, o ConnectOptions) (*Connection, error) {
	if o.Host != "" {
		return connectHost(ctx, o.Host)
	}
	var tried []string
	for _, address := range o.Sockets {
		if _, err := os.Stat(strings.TrimPrefix(address, "unix://")); err != nil {
			continue
		}
		c, err := dial(ctx, address)
		if err == nil {
			c.Why = "it is running on this machine"
			return c, nil
		}
		tried = append(tried, fmt.Sprintf("%s: %s", address, brief(err)))
	}
	return ownDaemon(ctx, o, tried)
}

func connectHost(ctx context.Context, host string) (*Connection, error) {
	var failures []string
	for address := range strings.SplitSeq(host, ",") {
		address = strings.TrimSpace(address)
		scheme, _, _ := strings.Cut(address, "://")
		if scheme != "unix" && scheme != "tcp" && scheme != "npipe" {
			return nil, problem.New(problem.Usage, "set it to an address such as unix:///run/buildkit/buildkitd.sock or tcp://host:1234",
				"connecting to BUILDKIT_HOST %q: its scheme is not supported", address)
		}
		c, err := dial(ctx, address)
		if err == nil {
			c.Why = "BUILDKIT_HOST is set"
			return c, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		failures = append(failures, brief(err))
	}
	return nil, problem.New(problem.Failed, "start that daemon, or unset BUILDKIT_HOST to use one on this machine",
		"connecting to BUILDKIT_HOST %q: %s", host, strings.Join(failures, "; "))
}

// dial connects and asks for the daemon's version, as a connection alone is lazy and says nothing.
func dial(ctx context.Context, address string) (*Connection, error) {
	c, err := client.New(ctx, address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, probeTimeout, errors.New("the BuildKit daemon does not answer"))
	defer cancel()
	if _, err := c.Info(ctx); err != nil {
		_ = c.Close()
		return nil, err
	}
	return &Connection{Client: c, Address: address}, nil
}

// brief is the cause of a failed dial without gRPC's frame.
func brief(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, "desc = "); i >= 0 {
		text = text[i+len("desc = "):]
	}
	return strings.TrimPrefix(strings.Trim(text, `"`), "connection error: ")
}
