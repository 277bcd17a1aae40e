package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// repository runs git in one directory. The directory is always given with -C: git answers for the repository that it is
// asked in, and inside the submodule ci/ that would be the wrong one.
type repository struct {
	dir string
}

// output runs git and gives its standard output without the final newline.
func (r repository) output(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", r.dir}, args...)...)
	// A background fetch or an optional index refresh must not take locks that the developer's own git wants.
	cmd.Env = append(cmd.Environ(), "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", problem.New(problem.Failed, "install git", "running git: %w", err)
	case err != nil && ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil:
		return "", &gitError{args: args, dir: r.dir, stderr: strings.TrimSpace(stderr.String()), err: err}
	}
	return strings.TrimSuffix(stdout.String(), "\n"), nil
}

// gitError is a git command that failed, with what git said.
type gitError struct {
	args   []string
	dir    string
	stderr string
	err    error
}

func (e *gitError) Error() string {
	return fmt.Sprintf("running git %s in %q: %s", strings.Join(e.args, " "), e.dir, e.stderr)
}

func (e *gitError) Unwrap() error { return e.err }

// says reports whether git's message holds text; git has one exit code for most of its refusals.
func says(err error, text string) bool {
	var e *gitError
	return errors.As(err, &e) && strings.Contains(e.stderr, text)
}
