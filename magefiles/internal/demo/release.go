package demo

import (
	"context"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// release runs `mage release` in an application's repository. Its progress goes straight to the person.
func (d *demo) release(ctx context.Context, application string) error {
	dir, err := d.stack.Application(ctx, application)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.options.Out, "\n%s $ mage release\n", application)
	cmd := exec.CommandContext(ctx, d.options.Self, "release")
	cmd.Dir = dir
	cmd.Env = d.environ()
	cmd.Stdout, cmd.Stderr = d.options.Out, d.options.Err
	// The child cleans up when it is asked to end, its own daemon included.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("releasing the %s: %w", application, err)
	}
	return nil
}

func (d *demo) environ() []string {
	environ := d.stack.Environ(d.options.Environ)
	if d.daemon != nil {
		environ = append(environ, "BUILDKIT_HOST="+d.daemon.Address)
	}
	return environ
}
