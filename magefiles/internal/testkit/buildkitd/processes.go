package buildkitd

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// WaitFor waits up to a minute until something is done, and fails the test where it is not.
func WaitFor(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("waited for %s in vain", what)
			return
		}
	}
}

// Processes returns the ids of running processes with text in their command line, whose arguments are joined by blanks.
func Processes(text string) (pids []int) {
	paths, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is well-formed
	for _, path := range paths {
		data, err := os.ReadFile(path) // it may end meanwhile
		pid, perr := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err == nil && perr == nil && strings.Contains(strings.ReplaceAll(string(data), "\x00", " "), text) {
			pids = append(pids, pid)
		}
	}
	return pids
}
