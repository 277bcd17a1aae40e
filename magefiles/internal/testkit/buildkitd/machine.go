package buildkitd

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
)

// Machine is a daemon of one test alone, with nothing in its cache: several of them are a pool.
type Machine struct {
	*daemon.Connection
	cache string
}

// Start starts a daemon and stops it when the test ends. Where that is impossible, the test is skipped, except under CI=true.
func Start(t testing.TB) *Machine {
	t.Helper()
	RequireLinuxRoot(t)
	m := &Machine{cache: t.TempDir()}
	o, err := Options(m.cache)
	if err != nil {
		t.Fatal(err)
	}
	if m.Connection, err = daemon.Connect(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() }) // a killed one has no good end
	return m
}

// Kill ends the daemon as a power cut does.
func (m *Machine) Kill(t testing.TB) {
	t.Helper()
	killed := false
	for _, pid := range m.processes("buildkitd.toml") {
		if process, err := os.FindProcess(pid); err == nil {
			killed = process.Kill() == nil || killed
		}
	}
	if !killed {
		t.Error("killing a BuildKit daemon: it does not run")
	}
}

// Builds tells that a step is running: in a container whose bundle is below the daemon's root.
func (m *Machine) Builds() bool { return len(m.processes("root/runc-")) > 0 }

// processes are those with a path below the daemon's directory in their arguments.
func (m *Machine) processes(path string) (pids []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is well-formed
	for _, file := range files {
		data, err := os.ReadFile(file) // it may end meanwhile
		pid, perr := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && perr == nil && strings.Contains(string(data), filepath.Join(m.cache, "buildkit")+"/"+path) {
			pids = append(pids, pid)
		}
	}
	return pids
}
