package daemon

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/moby/buildkit/client"
	"google.golang.org/grpc/codes"

	"github.com/moby/buildkit/util/grpcerrors"
)

// probeTimeout is the time that a daemon has for its first answer; one on this machine takes milliseconds.
const probeTimeout = 10 * time.Second

// labelCPUs is a worker's label with the number of CPUs that it may use. BuildKit itself does not report it; the daemons that astrago-ci
// starts and those of templates/buildkit have it.
const labelCPUs = "com.github.xiilab.astrago-ci.cpus"

// dialDaemon connects to an address of BUILDKIT_HOST.
func (a hostAddress) dialDaemon(ctx context.Context) (*Connection, error) {
	if err := a.requireProgram(); err != nil {
		return nil, err
	}
	c, err := dialAddress(ctx, a.text, a.clientOptions()...)
	if err != nil {
		return nil, err
	}
	c.Why = "BUILDKIT_HOST is set"
	c.setLocal(a.isLocal(ctx))
	c.InTheClear = a.inTheClear() && !c.Local
	return c, nil
}

// dialAddress connects and asks the daemon about itself, as a connection alone is lazy and says nothing.
func dialAddress(ctx context.Context, address string, options ...client.ClientOpt) (*Connection, error) {
	c, err := client.New(ctx, address, options...)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, probeTimeout, errors.New("the BuildKit daemon does not answer"))
	defer cancel()
	connection := &Connection{Client: c, Address: address}
	if err := connection.queryDaemon(ctx); err != nil {
		_ = c.Close()
		return nil, err
	}
	return connection, nil
}

// queryDaemon asks for the daemon's version and its default worker, which runs the builds.
func (c *Connection) queryDaemon(ctx context.Context) error {
	info, err := c.Client.Info(ctx)
	if err != nil && grpcerrors.Code(err) != codes.Unimplemented { // older than v0.11
		return err
	}
	if err == nil {
		c.Version = info.BuildkitVersion.Version
	}
	workers, err := c.Client.ListWorkers(ctx)
	if err != nil {
		return err
	}
	if len(workers) == 0 {
		return fmt.Errorf("the BuildKit daemon at %s has no worker", c.Address)
	}
	c.Platforms = workers[0].Platforms
	c.CPUs, _ = strconv.Atoi(workers[0].Labels[labelCPUs]) // zero where it is unknown
	return nil
}

// setLocal also fills in what is known of a daemon because it is on this machine.
func (c *Connection) setLocal(local bool) {
	c.Local = local
	if local && c.CPUs == 0 {
		c.CPUs = runtime.NumCPU()
	}
}

// dialCause is the cause of a failed dial without gRPC's frame.
func dialCause(err error) string {
	text := err.Error()
	if i := strings.LastIndex(text, "desc = "); i >= 0 {
		text = text[i+len("desc = "):]
	}
	return strings.TrimPrefix(strings.Trim(text, `"`), "connection error: ")
}
