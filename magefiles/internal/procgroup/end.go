package procgroup

import (
	"os/exec"
	"time"
)

// gracePeriod is the time that a cancelled command has to clean up; mage ends the process 5 s after an interrupt.
const gracePeriod = 3 * time.Second

// EndWhole makes the end of a command's context reach what it started too: a shell does not pass signals on. Call it before
// the command is started.
func EndWhole(cmd *exec.Cmd) {
	cmd.WaitDelay = gracePeriod
	inOwnGroup(cmd)
}
