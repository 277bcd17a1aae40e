package bench

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// TestProcessorCountsChildren holds the figures against a process whose work is done by a child.
func TestProcessorCountsChildren(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("/proc is Linux's")
	}
	before, err := processorOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	work := exec.CommandContext(t.Context(), "sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done")
	if err := work.Run(); err != nil {
		t.Fatal(err)
	}
	after, err := processorOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	used, child := after.minus(before), work.ProcessState.UserTime()+work.ProcessState.SystemTime()
	if used.user+used.kernel+2*tick < child {
		t.Errorf("%s, of which a child has used %s", used, child)
	}
	if !strings.Contains(used.String(), " s user ") {
		t.Errorf("it is written as %q", used)
	}
	if _, err := processorOf(-1); err == nil {
		t.Error("there is no such process")
	}
	if _, err := machineNow(); err != nil {
		t.Error(err)
	}
}
