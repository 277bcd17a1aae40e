//go:build unix

package procgroup

import (
	"os/exec"
	"syscall"
)

// inOwnGroup makes a cancellation reach what the command started too: a shell does not pass signals on.
func inOwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}
