package build

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
)

// ownDaemon uses our own daemon, which any process of ours on this machine may have started, or starts it.
func ownDaemon(ctx context.Context, o ConnectOptions, tried []string) (*Connection, error) {
	if o.Existing && !keeps(o.CacheDir) {
		return nil, noDaemon("none is running, and our own has kept nothing", tried)
	}
	dir, sockets, err := prepareDirs(o.CacheDir)
	if err != nil {
		return nil, err
	}
	leave, err := use(ctx, dir)
	if err != nil {
		return nil, err
	}
	c, err := joinOrStart(ctx, o, dir, sockets, tried)
	if err != nil {
		leave()
		return nil, err
	}
	c.Log, c.reserve = dir.log(), dir.file("reserve")
	c.stop = func() error { leave(); return nil }
	return c, nil
}

// keeps reports whether a daemon of ours has left anything in a cache.
func keeps(cacheDir string) bool {
	_, err := os.Stat(filepath.Join(cacheDir, "buildkit", "root"))
	return err == nil
}

// use keeps the daemon from being stopped until leave is called, from when it is idle.
func use(ctx context.Context, dir daemonDir) (leave func(), err error) {
	release, err := acquire(ctx, dir.users(), false)
	if err != nil {
		return nil, err
	}
	touch := func() { _ = os.Chtimes(dir.users(), time.Time{}, time.Now()) } // at worst it is stopped, and started again
	touch()
	return func() { touch(); release() }, nil
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
		// The one in a shared temporary directory could have been made by another user.
		if err := checkPrivate(path); err != nil {
			return "", "", err
		}
	}
	return dir, sockets, nil
}

func joinOrStart(ctx context.Context, o ConnectOptions, dir daemonDir, sockets string, tried []string) (*Connection, error) {
	address := "unix://" + filepath.Join(sockets, daemonSocket)
	if c := join(ctx, address); c != nil {
		return c, nil
	}
	tools, err := daemonTools(ctx, o, tried)
	if err != nil {
		return nil, err
	}
	for {
		if c := join(ctx, address); c != nil {
			return c, nil
		}
		owner, err := own(dir)
		if err != nil {
			return nil, err
		}
		if owner != nil {
			return startOwn(ctx, o, dir, sockets, tools, owner)
		}
		// Another process is starting it.
		if err := backoff.Sleep(ctx, pollInterval); err != nil {
			return nil, err
		}
	}
}

// join connects to a daemon that is up; nil if none is.
func join(ctx context.Context, address string) *Connection {
	if !listening(address) {
		return nil
	}
	c, err := dial(ctx, address)
	if err != nil {
		return nil
	}
	c.Why = "our own is running on this machine"
	return c
}

// startOwn starts the daemon. The owner's lock passes to its supervisor, for which this process only opened it.
func startOwn(ctx context.Context, o ConnectOptions, dir daemonDir, sockets string, t tools, owner *os.File) (*Connection, error) {
	defer owner.Close()
	p, err := startDaemon(dir, sockets, t, o.Daemon, owner)
	if err != nil {
		return nil, err
	}
	if err := writePID(owner, p.pid); err != nil {
		return nil, errors.Join(err, kill(p.pid))
	}
	c, err := p.ready(ctx, "unix://"+filepath.Join(sockets, daemonSocket))
	if err != nil {
		err = errors.Join(err, kill(p.pid))
		<-p.exited
		return nil, err
	}
	c.Why = "none was running, so our own was started"
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

// canStart returns the reason why this user could not start a daemon.
func canStart() error {
	if os.Geteuid() == 0 {
		return nil
	}
	return checkUserNamespaces("/proc/sys", nil)
}
