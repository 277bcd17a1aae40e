package telemetry

import (
	"context"
	"log/slog"
	"os/exec"
	"strings"
	"time"
)

// Ran writes a record of a command that began at a time and has ended; it shows with -vv.
func Ran(ctx context.Context, command *exec.Cmd, began time.Time) {
	Debug(ctx, "command", slog.String("line", strings.Join(command.Args, " ")),
		Seconds(time.Since(began)), slog.Int("exit", command.ProcessState.ExitCode()))
}
