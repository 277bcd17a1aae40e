package daemon_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/daemon"
)

// TestStopEndsWhatTheDaemonStarted starts a shell that leaves a child behind, which only the PID namespace can end.
func TestStopEndsWhatTheDaemonStarted(t *testing.T) {
	daemon.RequireLinuxRoot(t)
	dir := t.TempDir()
	ready := filepath.Join(dir, "ready")
	mark := "86399.25" // seconds, and what tells the child from other processes
	p, err := daemon.Start(t.Context(), daemon.Options{
		Path: "/bin/sh", Args: []string{"-c", "sleep " + mark + " & trap 'exit 0' TERM; : >" + ready + "; while :; do sleep 0.05; done"},
		Log:   filepath.Join(dir, "log"),
		Ready: func(context.Context) error { _, err := os.Stat(ready); return err },
	})
	if err != nil {
		t.Fatal(err)
	}
	if !running(t, mark) {
		t.Error("the daemon has no child")
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	if running(t, mark) {
		t.Error("the daemon's child is left")
	}
}

func TestADaemonThatEndsShowsItsLog(t *testing.T) {
	daemon.RequireLinuxRoot(t)
	_, err := daemon.Start(t.Context(), daemon.Options{
		Path: "/bin/sh", Args: []string{"-c", "echo no such disk; exit 1"},
		Log:   filepath.Join(t.TempDir(), "log"),
		Ready: func(context.Context) error { return errors.New("not yet") },
	})
	if err == nil || !strings.Contains(err.Error(), "no such disk") {
		t.Errorf("error %v", err)
	}
}

func TestInstallTakesWhatIsThere(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no apt-get
	tool := filepath.Join(t.TempDir(), "tool")
	if err := os.WriteFile(tool, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := daemon.Install(t.Context(), []string{"tool"}, tool); err != nil {
		t.Error(err)
	}
	if err := daemon.Install(t.Context(), []string{"tool"}, tool, tool+"2"); err == nil {
		t.Error("a missing program is not missed")
	}
}

// running reports whether a process has argument in its command line.
func running(t *testing.T, argument string) bool {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(lines, func(path string) bool {
		line, err := os.ReadFile(path) // a process may have ended since
		return err == nil && strings.Contains(string(line), "\x00"+argument+"\x00")
	})
}
