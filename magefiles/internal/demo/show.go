package demo

import (
	"context"
	"fmt"
	"os/exec"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// show prints the deployment repository's history and exactly what this run changed in it, as git itself tells it.
func (d *demo) show(ctx context.Context, before string) (changed bool, err error) {
	if err := d.git(ctx, "The deployment repository's history", "log", "--format=%h %s%n%w(0,4,4)%b", example.Branch); err != nil {
		return false, err
	}
	head, err := d.stack.GitHub.Head(example.Deployment, example.Branch)
	if err != nil {
		return false, err
	}
	if head == before {
		fmt.Fprintln(d.options.Out, "Nothing to do: both applications are deployed as they are.")
		return false, nil
	}
	return true, d.git(ctx, "What this run changed, to the byte", "diff", "--unified=0", before, head)
}

func (d *demo) git(ctx context.Context, title string, args ...string) error {
	fmt.Fprintf(d.options.Out, "\n%s (git %s)\n", title, args[0])
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", d.stack.Bare, "--no-pager"}, args...)...)
	cmd.Stdout, cmd.Stderr = d.options.Out, d.options.Out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running git %s: %w", args[0], err)
	}
	return nil
}
