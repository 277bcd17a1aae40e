// Package bare drives one bare git repository on disk through the git binary: objects, trees, references, history and
// merges. It is the real git behind the in-process GitHub, so that git fsck accepts and git clone sees every change.
package bare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Repository is a bare git repository. Its methods may be called from several goroutines, and other processes may work
// on the same directory: nothing but object content is cached.
type Repository struct {
	dir         string
	objects     *reader
	compressors sync.Pool // of *zlib.Writer
}

// ErrMissing says that git does not know the object, reference or path asked for.
var ErrMissing = errors.New("not in the repository")

// Init creates a bare repository at dir, whose HEAD names branch. dir must not exist yet.
func Init(ctx context.Context, dir, branch string) (*Repository, error) {
	if _, err := os.Stat(dir); err == nil {
		return nil, fmt.Errorf("creating repository %q: directory exists", dir)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, fmt.Errorf("creating repository %q: %w", dir, err)
	}
	r := &Repository{dir: dir, objects: &reader{dir: dir}}
	// gc.auto=0: a push into the directory must not start a repack behind a test's back.
	for _, args := range [][]string{
		{"init", "--quiet", "--bare", "--initial-branch=" + branch, "."},
		{"config", "gc.auto", "0"},
	} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, fmt.Errorf("creating repository %q: %w", dir, err)
		}
		if _, err := r.git(ctx, nil, args...); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Dir is the repository's directory, which git clone and git fetch accept.
func (r *Repository) Dir() string { return r.dir }

// Close ends the processes that serve reads. The directory stays.
func (r *Repository) Close() error { return r.objects.close() }

// environment keeps git away from the configuration of the machine and of a surrounding repository.
func environment() []string {
	return []string{"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_TERMINAL_PROMPT=0", "LC_ALL=C"}
}

// git runs one git command in the repository and gives its output; the error carries what git said.
func (r *Repository) git(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--literal-pathspecs"}, args...)...)
	cmd.Dir, cmd.Stdin = r.dir, bytes.NewReader(stdin)
	cmd.Env = environment()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.Bytes(), &commandError{command: args[0], stderr: strings.TrimSpace(stderr.String()), err: err}
	}
	return stdout.Bytes(), nil
}

// commandError is a git command that ended with an error, with what it wrote about it.
type commandError struct {
	command string
	stderr  string
	err     error
}

func (e *commandError) Error() string {
	return fmt.Sprintf("running git %s: %v: %s", e.command, e.err, e.stderr)
}

func (e *commandError) Unwrap() error { return e.err }

// exitCode is the exit code of the git command behind err, -1 when it never ran to its end.
func exitCode(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	return -1
}
