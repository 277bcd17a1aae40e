package targets_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// compiling is a run of the script whose compiler waits until it is let go, and then fails.
type compiling struct {
	cmd    *exec.Cmd
	stderr safeBuffer
}

// startCompiling runs the script with a path that has a stand-in for Go; gate is the named pipe that it waits at.
func startCompiling(t *testing.T, library, cache, path, gate string) *compiling {
	t.Helper()
	c := &compiling{cmd: exec.CommandContext(t.Context(), filepath.Join(library, "scripts", "mage"), "version")}
	c.cmd.Dir, c.cmd.Stderr = library, &c.stderr
	c.cmd.Env = []string{"PATH=" + path, "XDG_CACHE_HOME=" + cache, "GATE=" + gate}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) })
	return c
}

// standInGo is a Go that tells when it begins to compile, and waits at the gate for how it is to end.
const standInGo = "#!/bin/sh\ncase $* in *GOVERSION*) echo go1.99.0; exit ;; esac\necho the compiler runs >&2\nread -r code <\"$GATE\"\nexit \"$code\"\n"

// TestEntryWaitsForWhoCompiles holds the lock, says for whom it waits, and outlives a holder that is killed at any point.
func TestEntryWaitsForWhoCompiles(t *testing.T) {
	t.Parallel()
	library := entryAlone(t)
	for name, more := range map[string][]string{"flock": {"env", "cut", "flock"}, "without flock": {"env", "ln", "mv", "cut", "ps"}} {
		t.Run(name, func(t *testing.T) {
			path, cache, gate := programs(t, more...), t.TempDir(), filepath.Join(t.TempDir(), "gate")
			if err := os.WriteFile(filepath.Join(path, "go"), []byte(standInGo), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(gate, 0o600); err != nil {
				t.Fatal(err)
			}
			first := startCompiling(t, library, cache, path, gate)
			first.stderr.until(t, "the compiler runs")
			second := startCompiling(t, library, cache, path, gate)
			host, err := os.Hostname()
			if err != nil {
				t.Fatal(err)
			}
			second.stderr.until(t, fmt.Sprintf("mage: waiting for another compilation of the targets: process %d on %s\n", first.cmd.Process.Pid, host))
			if strings.Contains(second.stderr.String(), "the compiler runs") {
				t.Error("two compile at once")
			}
			// The shell and all that it has started, at once: it can remove nothing.
			if err := syscall.Kill(-first.cmd.Process.Pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			_ = first.cmd.Wait()
			second.stderr.until(t, "the compiler runs")
			if err := os.WriteFile(gate, []byte("7\n"), 0); err != nil {
				t.Fatal(err)
			}
			_ = second.cmd.Wait()
			if code := second.cmd.ProcessState.ExitCode(); code != 7 {
				t.Errorf("the second ended with %d\n%s", code, second.stderr.String())
			}
		})
	}
}

// TestEntryBreaksStaleLocks finds locks, without flock, whose holders have ended, in ways that a number alone does not tell.
func TestEntryBreaksStaleLocks(t *testing.T) {
	t.Parallel()
	library, path, gate := entryAlone(t), programs(t, "env", "ln", "mv", "cut", "ps"), filepath.Join(t.TempDir(), "gate")
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, "go"), []byte(standInGo), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(gate, []byte("7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, holder := range map[string]string{
		"its number is another process's now": fmt.Sprintf("%d %s 1", os.Getpid(), host),
		"there is no such process":            fmt.Sprintf("%d %s 1", 1<<30, host),
		"it wrote nothing":                    "",
	} {
		t.Run(name, func(t *testing.T) {
			cache := t.TempDir()
			lock := filepath.Join(cache, "astrago-ci", "targets", "compile.lock")
			if err := os.MkdirAll(filepath.Dir(lock), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(lock, []byte(holder), 0o600); err != nil {
				t.Fatal(err)
			}
			c := startCompiling(t, library, cache, path, gate)
			_ = c.cmd.Wait()
			if code := c.cmd.ProcessState.ExitCode(); code != 7 || strings.Contains(c.stderr.String(), "waiting") {
				t.Errorf("it ended with %d\n%s", code, c.stderr.String())
			}
			if left, err := filepath.Glob(lock + "*"); err != nil || len(left) != 0 {
				t.Errorf("it left %q, %v", left, err)
			}
		})
	}
}
