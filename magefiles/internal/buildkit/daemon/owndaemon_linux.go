package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/filelock"
)

// ownDaemon uses astrago-ci's own daemon, which any of its processes on this machine may have started, or starts it.
func ownDaemon(ctx context.Context, o Options, tried []string) (*Connection, error) {
	if o.Existing && !hasState(o.CacheDir) {
		return nil, noDaemon("none is running, and the one of astrago-ci has kept nothing", tried)
	}
	dir, sockets, err := prepareDirs(o.CacheDir)
	if err != nil {
		return nil, err
	}
	sum, err := registriesSum(o.Daemon.Registries)
	if err != nil {
		return nil, err
	}
	if err := endOutdated(ctx, o, dir, sum); err != nil {
		return nil, err
	}
	leave, err := registerUser(ctx, dir)
	if err != nil {
		return nil, err
	}
	c, err := joinOrStart(ctx, o, dir, sockets, tried)
	if err != nil {
		leave()
		return nil, err
	}
	if !o.Existing && dir.keptSum() != sum {
		o.Say("going on with the BuildKit daemon as it was started, although this machine's settings of registries have changed since: " +
			"another build uses it, and the next one after that renews it")
	}
	c.Log, c.reserve = dir.logPath(), dir.filePath("reserve")
	c.stop = func() error { leave(); return nil }
	return c, nil
}

// endOutdated ends a daemon that was started with other settings of registries, unless it is in use. Until it is gone no other process
// becomes its user: those that come meanwhile start another one.
func endOutdated(ctx context.Context, o Options, dir stateDir, sum string) error {
	if o.Existing || dir.keptSum() == sum {
		return nil
	}
	release, inUse, err := filelock.TryAcquire(dir.usersLock())
	if err != nil || inUse {
		return err
	}
	defer release()
	return stopSupervised(ctx, dir)
}

// hasState reports whether a cache directory holds state of astrago-ci's own daemon.
func hasState(cacheDir string) bool {
	_, err := os.Stat(filepath.Join(cacheDir, "buildkit", "root"))
	return err == nil
}

// registerUser keeps the daemon from being stopped until leave is called, from when it is idle.
func registerUser(ctx context.Context, dir stateDir) (leave func(), err error) {
	release, err := filelock.Acquire(ctx, dir.usersLock(), false)
	if err != nil {
		return nil, err
	}
	touch := func() { _ = os.Chtimes(dir.usersLock(), time.Time{}, time.Now()) } // at worst it is stopped, and started again
	touch()
	return func() { touch(); release() }, nil
}

// prepareDirs makes the private directories of the daemon's state and sockets.
func prepareDirs(cacheDir string) (dir stateDir, sockets string, err error) {
	absolute, err := filepath.Abs(cacheDir)
	if err != nil {
		return "", "", fmt.Errorf("finding the cache directory: %w", err)
	}
	dir = stateDir(filepath.Join(absolute, "buildkit"))
	sockets = dir.socketDir(os.TempDir())
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

func joinOrStart(ctx context.Context, o Options, dir stateDir, sockets string, tried []string) (*Connection, error) {
	address := "unix://" + filepath.Join(sockets, daemonSocket)
	if c := joinRunning(ctx, address); c != nil {
		return c, nil
	}
	tools, err := daemonTools(ctx, o, tried)
	if err != nil {
		return nil, err
	}
	for {
		if c := joinRunning(ctx, address); c != nil {
			return c, nil
		}
		owner, err := lockOwner(dir)
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

// joinRunning connects to a daemon that is up; nil if none is.
func joinRunning(ctx context.Context, address string) *Connection {
	if !isListening(address) {
		return nil
	}
	c, err := dialAddress(ctx, address)
	if err != nil {
		return nil
	}
	c.Why = "a daemon started by astrago-ci is running on this machine"
	return c
}

// startOwn starts the daemon. The owner's lock passes to its supervisor, for which this process only opened it.
func startOwn(ctx context.Context, o Options, dir stateDir, sockets string, t toolPaths, owner *os.File) (*Connection, error) {
	defer owner.Close()
	p, err := startDaemon(dir, sockets, t, o.Daemon, owner)
	if err != nil {
		return nil, err
	}
	if err := writePID(owner, p.pid); err != nil {
		return nil, errors.Join(err, killSupervisor(p.pid))
	}
	c, err := p.awaitReady(ctx, "unix://"+filepath.Join(sockets, daemonSocket))
	if err != nil {
		err = errors.Join(err, killSupervisor(p.pid))
		<-p.exited
		return nil, err
	}
	c.Why = "none was running, so astrago-ci started one"
	return c, nil
}

func isListening(address string) bool {
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
