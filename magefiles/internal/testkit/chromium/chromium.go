// Package chromium drives Debian's Chromium without a window, so that tests see a page as its readers do: what it shows,
// what it says to a screen reader, what it asks the network for, what it complains about. It speaks the DevTools protocol
// (https://chromedevtools.github.io/devtools-protocol/) over a pipe, so no port is open.
package chromium

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/daemon"
)

// program is Debian's.
const program = "/usr/bin/chromium"

// patience is for one answer, on a loaded machine.
const patience = 2 * time.Minute

// Browser is a running Chromium.
type Browser struct {
	cmd        *exec.Cmd
	dir        string
	connection *connection
}

// Start installs Chromium and a Korean font if they are missing, and starts it for one test. Where it cannot be installed
// the test is skipped, except under CI=true.
func Start(t testing.TB) *Browser {
	t.Helper()
	daemon.RequireLinuxRoot(t)
	if err := daemon.Install(t.Context(), []string{"chromium", "fonts-nanum"}, program); err != nil {
		daemon.Require(t, err)
	}
	b, err := start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.stop(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func start() (*Browser, error) {
	dir, err := os.MkdirTemp("", "chromium")
	if err != nil {
		return nil, err
	}
	// It outlives the context of the request that starts it.
	cmd := exec.CommandContext(context.Background(), program, //nolint:gosec // Debian's program
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe",
		"--user-data-dir="+filepath.Join(dir, "profile"), "about:blank")
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_CACHE_HOME="+dir)
	theirs, ours, err := pipes()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	cmd.ExtraFiles = theirs // 3: what it reads, 4: what it writes
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting chromium: %w", err), os.RemoveAll(dir))
	}
	for _, file := range theirs {
		_ = file.Close()
	}
	return &Browser{cmd: cmd, dir: dir, connection: connect(ours[0], ours[1])}, nil
}

// pipes are the two ends of both directions: what Chromium reads and writes, what we write and read.
func pipes() (theirs, ours []*os.File, err error) {
	in, toThem, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	fromThem, out, err := os.Pipe()
	return []*os.File{in, out}, []*os.File{toThem, fromThem}, err
}

// stop asks it to end, so that none of its processes stays.
func (b *Browser) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := b.connection.call(ctx, "", "Browser.close", nil, nil)
	if err != nil {
		err = errors.Join(err, b.cmd.Process.Kill())
	}
	if exit := b.cmd.Wait(); err == nil && exit != nil {
		err = fmt.Errorf("chromium: %w", exit)
	}
	b.connection.close()
	return errors.Join(err, os.RemoveAll(b.dir))
}
