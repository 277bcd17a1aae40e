// Package buildkitd gives tests a real BuildKit daemon: astrago-ci's own, with separate state, started for the first test of a binary that
// asks and shared by the others.
package buildkitd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
)

// Daemon is the daemon of a test binary. Declare one per package, and stop it in TestMain:
//
//	var daemon buildkitd.Daemon
//
//	func TestMain(m *testing.M) { os.Exit(daemon.Run(m)) }
type Daemon struct {
	once  sync.Once
	cache string // temporary; only the compiled tools come from the user's cache
	conn  *daemon.Connection
	err   error
}

// Run runs the tests and stops the daemon. It gives the exit code.
func (d *Daemon) Run(m *testing.M) int {
	code := m.Run()
	if err := d.stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// Connection starts the daemon if no test has yet. Where that is impossible, the test is skipped, except under CI=true.
func (d *Daemon) Connection(t testing.TB) *daemon.Connection {
	t.Helper()
	RequireLinuxRoot(t)
	d.once.Do(d.start)
	if d.err != nil {
		t.Fatal(d.err)
	}
	return d.conn
}

// RequireLinuxRoot skips a test on a machine that cannot run astrago-ci's own daemon, except under CI=true.
func RequireLinuxRoot(t testing.TB) {
	t.Helper()
	if runtime.GOOS == "linux" && os.Geteuid() == 0 {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("a BuildKit daemon needs Linux and root, and CI requires it")
	}
	t.Skip("a BuildKit daemon needs Linux and root")
}

// Options are those of a daemon with its state below cacheDir and the tools of the user's cache.
func Options(cacheDir string) (daemon.Options, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return daemon.Options{}, err
	}
	return daemon.Options{
		CacheDir: cacheDir,
		BinDir:   filepath.Join(user, "astrago-ci", "bin"),
		ToolsDir: toolsDir,
		Say:      func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) },
	}, nil
}

func (d *Daemon) start() {
	if d.cache, d.err = os.MkdirTemp("", "buildkit"); d.err != nil {
		return
	}
	var o daemon.Options
	if o, d.err = Options(d.cache); d.err != nil {
		return
	}
	o.Daemon.Idle = time.Second // it is in use until this process ends, however that is
	// It outlives the test that starts it, and with it t.Context.
	d.conn, d.err = daemon.Connect(context.Background(), o)
}

func (d *Daemon) stop() error {
	if d.cache == "" {
		return nil
	}
	var err error
	if d.conn != nil {
		err = d.conn.Close()
	}
	return errors.Join(err, daemon.Stop(context.Background(), d.cache), os.RemoveAll(d.cache))
}

// toolsDir is scripts/tools of this repository, found from this file.
func toolsDir(context.Context) (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "", fmt.Errorf("finding the tools' modules: no source file is known")
	}
	return filepath.Join(filepath.Dir(file), "..", "..", "..", "..", "scripts", "tools"), nil
}

// Connected returns daemons that answer already, for buildkit.Options.Connect.
func Connected(connections ...*daemon.Connection) func(context.Context) ([]*daemon.Connection, error) {
	return func(context.Context) ([]*daemon.Connection, error) { return connections, nil }
}
