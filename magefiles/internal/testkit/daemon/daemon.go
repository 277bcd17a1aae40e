// Package daemon runs programs of Debian that tests need as daemons: installed when they are missing, with state of their
// own, and gone without a trace at the end. It needs Linux and root.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

const (
	startTimeout = 2 * time.Minute         // for a daemon to answer, on a loaded machine
	stopTimeout  = 30 * time.Second        // for a daemon to end what it runs
	pollInterval = 20 * time.Millisecond   // how often a daemon that is coming up is tried
	logLines     = 15                      // how much of its log an error holds
	lockFile     = "astrago-ci-apt.lock"   // in the temporary directory
	aptElsewhere = "only tests need these" // what to do instead of installing
)

// Options say what to run.
type Options struct {
	Path string   // the program
	Args []string // its arguments
	Log  string   // file for what it says
	// Ready reports whether it answers; it is asked until it gives nil.
	Ready func(ctx context.Context) error
}

// NotInstalled is the error of Install on a machine that has no such packages.
type NotInstalled struct{ Err error }

func (e NotInstalled) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e NotInstalled) Unwrap() error { return e.Err }

// RequireLinuxRoot skips a test on a machine that cannot run the daemons, except under CI=true.
func RequireLinuxRoot(t testing.TB) {
	t.Helper()
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		skip(t, "a daemon of Debian's needs Linux and root")
	}
}

// Require ends a test whose daemon did not start: where it cannot be installed the test is skipped, except under CI=true.
func Require(t testing.TB, err error) {
	t.Helper()
	if _, missing := errors.AsType[NotInstalled](err); missing {
		skip(t, err.Error())
	}
	t.Fatal(err)
}

func skip(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s, and CI requires it", reason)
	}
	t.Skip(reason)
}

// Install gets Debian packages unless the programs are there. Several test binaries may ask at once.
func Install(ctx context.Context, packages []string, programs ...string) error {
	if installed(programs) {
		return nil
	}
	unlock, err := lock(ctx, filepath.Join(os.TempDir(), lockFile))
	if err != nil {
		return err
	}
	defer unlock()
	if installed(programs) {
		return nil
	}
	say := func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
	if err := toolchain.Apt(ctx, say, aptElsewhere, packages...); err != nil {
		return NotInstalled{Err: err}
	}
	return nil
}

func installed(programs []string) bool {
	for _, program := range programs {
		if info, err := os.Stat(program); err != nil || info.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}

// logTail is the end of a daemon's log, for the error that says that it did not come up.
func logTail(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(all[max(0, len(all)-logLines):], "\n")
}
