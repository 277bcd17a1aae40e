package build

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

// pollInterval is how often a daemon that is coming up is tried.
const pollInterval = 10 * time.Millisecond

// ownDaemon uses the daemon that another process of ours runs on this machine, or runs one.
func ownDaemon(ctx context.Context, o ConnectOptions, tried []string) (*Connection, error) {
	if os.Geteuid() != 0 {
		return nil, noDaemon("none is running, and starting one of our own needs root", tried)
	}
	dir, sockets, err := prepareDirs(o.CacheDir)
	if err != nil {
		return nil, err
	}
	leave, err := acquire(ctx, dir.users(), false)
	if err != nil {
		return nil, err
	}
	c, err := joinOrStart(ctx, o, dir, sockets, leave)
	if err != nil {
		leave()
		return nil, err
	}
	c.Log = dir.log()
	return c, nil
}

// prepareDirs makes the private directories of the daemon's state and sockets.
func prepareDirs(cacheDir string) (dir daemonDir, sockets string, err error) {
	absolute, err := filepath.Abs(cacheDir)
	if err != nil {
		return "", "", fmt.Errorf("finding the cache directory: %w", err)
	}
	dir = daemonDir(filepath.Join(absolute, "buildkit"))
	sockets = dir.runtime(os.TempDir())
	for _, path := range []string{string(dir), sockets} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			return "", "", fmt.Errorf("creating the BuildKit daemon's directory: %w", err)
		}
		// The one in a shared temporary directory could have been made by somebody else.
		if err := checkPrivate(path); err != nil {
			return "", "", err
		}
	}
	return dir, sockets, nil
}

func joinOrStart(ctx context.Context, o ConnectOptions, dir daemonDir, sockets string, leave func()) (*Connection, error) {
	address := "unix://" + filepath.Join(sockets, daemonSocket)
	if c := join(ctx, address, leave); c != nil {
		return c, nil
	}
	tools, err := daemonTools(ctx, o)
	if err != nil {
		return nil, err
	}
	for {
		if c := join(ctx, address, leave); c != nil {
			return c, nil
		}
		disown, held, err := tryAcquire(dir.owner())
		if err != nil {
			return nil, err
		}
		if !held {
			c, err := startOwn(ctx, dir, sockets, tools, leave, disown)
			if err != nil {
				disown()
			}
			return c, err
		}
		// Another process is starting it.
		if err := sleep(ctx, pollInterval); err != nil {
			return nil, err
		}
	}
}

// join connects to a daemon that is up; nil if none is.
func join(ctx context.Context, address string, leave func()) *Connection {
	if !listening(address) {
		return nil
	}
	c, err := dial(ctx, address)
	if err != nil {
		return nil
	}
	c.Why = "another build on this machine has started it"
	c.stop = func() error { leave(); return nil }
	return c
}

func startOwn(ctx context.Context, dir daemonDir, sockets string, tools tools, leave, disown func()) (*Connection, error) {
	d, err := startDaemon(dir, sockets, tools)
	if err != nil {
		return nil, err
	}
	c, err := d.ready(ctx, "unix://"+filepath.Join(sockets, daemonSocket))
	if err != nil {
		return nil, errors.Join(err, d.stop())
	}
	c.Why = "none was running, so our own was started"
	c.stop = func() error {
		leave()
		// Those who have joined finish first. A cancelled run must end now, and they say what happened to them.
		if done, err := acquire(ctx, dir.users(), true); err == nil {
			defer done()
		}
		defer disown()
		return d.stop()
	}
	return c, nil
}

func listening(address string) bool {
	dialer := net.Dialer{Timeout: probeTimeout}
	conn, err := dialer.DialContext(context.Background(), "unix", address[len("unix://"):])
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
