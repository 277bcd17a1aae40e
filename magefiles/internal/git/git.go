package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
)

// repository runs git in one directory. The directory is always given with -C: git answers for the repository that it is
// asked in, and inside the submodule ci/ that would be the wrong one.
type repository struct {
	dir string
}

// Output runs git in a directory and returns its standard output without the final newline.
func Output(ctx context.Context, dir string, args ...string) (string, error) {
	return repository{dir: dir}.output(ctx, args...)
}

// output runs git and gives its standard output without the final newline.
func (r repository) output(ctx context.Context, args ...string) (string, error) {
	out, err := r.rawOutput(ctx, args...)
	return strings.TrimSuffix(string(out), "\n"), err
}

// rawOutput runs git and gives its standard output as it is.
func (r repository) rawOutput(ctx context.Context, args ...string) ([]byte, error) {
	return r.runQuery(ctx, "", args...)
}

// runQuery runs a command that reads a text from its standard input.
func (r repository) runQuery(ctx context.Context, text string, args ...string) ([]byte, error) {
	var stdout bytes.Buffer
	if err := r.run(ctx, text, &stdout, args...); err != nil {
		return nil, err
	}
	return stdout.Bytes(), nil
}

// mostHistory bounds the messages that are read, in bytes: a message may be of any length.
const mostHistory = 16 << 20

// boundedOutput is rawOutput of which no more than the first bytes are read.
func (r repository) boundedOutput(ctx context.Context, args ...string) ([]byte, error) {
	stdout := procgroup.NewBoundedBuffer(mostHistory)
	if err := r.run(ctx, "", stdout, args...); err != nil && !stdout.Full() {
		return nil, err
	}
	return stdout.Bytes(), nil
}

func (r repository) run(ctx context.Context, stdin string, stdout io.Writer, args ...string) error {
	cmd := procgroup.Git(ctx, r.dir, args...)
	if stdin != "" {
		cmd.Stdin = strings.NewReader(stdin)
	}
	var stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = stdout, &stderr
	began := time.Now()
	err := cmd.Run()
	telemetry.Ran(ctx, cmd, began)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return problem.New(problem.Failed, "install git", "running git: %w", err)
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return &gitError{args: args, dir: r.dir, stderr: strings.TrimSpace(stderr.String()), err: err}
	}
	return nil
}

// askAll asks git several questions at once: half of what a small command costs is the start of git's processes. The error
// is that of the first question that failed, by their order: where one fails for want of a repository, all do.
func askAll(questions ...func() error) error {
	errs := make([]error, len(questions))
	var group sync.WaitGroup
	for i, ask := range questions {
		group.Go(func() { errs[i] = ask() })
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
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

// isAnswer reports whether git's message holds text; git has one exit code for most of its refusals.
func isAnswer(err error, text string) bool {
	var e *gitError
	return errors.As(err, &e) && strings.Contains(e.stderr, text)
}

// listNul runs git and splits its answer at the zero bytes.
func (r repository) listNul(ctx context.Context, args ...string) ([]string, error) {
	out, err := r.output(ctx, args...)
	if out = strings.TrimSuffix(out, "\x00"); err != nil || out == "" {
		return nil, err
	}
	return strings.Split(out, "\x00"), nil
}
