package pinned

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// npm runs npm in a directory. Which registry it asks is npm's own configuration; what comes from there is held against
// the pins of this package.
func npm(ctx context.Context, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, "npm", args...)
	cmd.Dir = dir
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return problem.New(problem.Failed, "check the network and npm's registry (npm config get registry)",
		"running %q: %w:\n%s", "npm "+strings.Join(args, " "), err, strings.TrimSpace(output.String()))
}

// pack fetches the archive of one package; npm checks it against the registry's own digest.
func pack(ctx context.Context, dir, name, version string) (archive string, err error) {
	if err := npm(ctx, dir, "pack", "--silent", name+"@"+version); err != nil {
		return "", err
	}
	// npm's name for the archive: the scope's @ goes, its slash becomes a dash.
	return strings.ReplaceAll(strings.TrimPrefix(name, "@"), "/", "-") + fmt.Sprintf("-%s.tgz", version), nil
}
