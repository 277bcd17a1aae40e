package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/stack"
)

// components of the workload, each with a context of its own of this many files.
const (
	components = 3
	files      = 2000
)

// workload is an application that was released once, on a stack of its own.
type workload struct {
	options Options
	stack   *stack.Stack
	daemon  *build.Connection
	small   string // the example backend
	large   string // an application of large contexts
	environ []string
}

func newWorkload(ctx context.Context, o Options) (*workload, error) {
	s, err := stack.Start(ctx, filepath.Join(o.Dir, "stack"), filepath.Join(o.Cache, "bin"))
	if err != nil {
		return nil, err
	}
	w := &workload{options: o, stack: s}
	if err := w.prepare(ctx); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *workload) prepare(ctx context.Context) (err error) {
	w.daemon, err = build.Connect(ctx, build.ConnectOptions{CacheDir: filepath.Join(w.options.Dir, "cache"), BinDir: filepath.Join(w.options.Cache, "bin")})
	if err != nil {
		return err
	}
	if err := w.stack.Login(w.docker()); err != nil {
		return err
	}
	w.environ = append(w.stack.Environ(w.options.Environ), "BUILDKIT_HOST="+w.daemon.Address)
	if w.small, err = w.stack.Application(ctx, "backend"); err != nil {
		return err
	}
	if err := w.writeLarge(ctx); err != nil {
		return err
	}
	for _, dir := range []string{w.small, w.large} {
		if err := w.mage(dir, "build")(ctx); err != nil {
			return err
		}
	}
	return errors.Join(w.mage(w.small, "release")(ctx), w.buildctl(ctx))
}

// writeLarge makes an application of three components with 2,000 files each, a few hundred bytes a file.
func (w *workload) writeLarge(ctx context.Context) error {
	small, err := os.ReadFile(filepath.Join(w.small, "astrago.yaml"))
	if err != nil {
		return fmt.Errorf("reading the example: %w", err)
	}
	w.large = filepath.Join(w.options.Dir, "large")
	head, rest, _ := strings.Cut(string(small), "prepare:")
	_, rest, _ = strings.Cut(rest, "components:") // nothing is compiled
	text := head + "components:" + rest
	for _, name := range []string{"core", "batch", "monitor"} {
		text = strings.Replace(text, "dockerfile: docker/"+name+"/Dockerfile", "context: "+name, 1)
		if err := writeContext(filepath.Join(w.large, name)); err != nil {
			return fmt.Errorf("writing the workload: %w", err)
		}
	}
	if err := os.WriteFile(filepath.Join(w.large, "astrago.yaml"), []byte(text), 0o644); err != nil {
		return fmt.Errorf("writing the workload: %w", err)
	}
	return errors.Join(example.Git(ctx, w.large, "init", "-q", "-b", example.Branch), example.Commit(ctx, w.large, "a large application"))
}

func writeContext(dir string) error {
	for i := range files {
		sub := filepath.Join(dir, "src", fmt.Sprintf("%02d", i%40))
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return err
		}
		content := bytes.Repeat(fmt.Appendf(nil, "line of file %d\n", i), 20)
		if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("f%04d.txt", i)), content, 0o644); err != nil {
			return err
		}
	}
	dockerfile := "ARG BASE\nFROM ${BASE}\nRUN mkdir /app\nCOPY src/ /app/src/\nRUN write /app/name " + filepath.Base(dir) + "\n"
	return os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(dockerfile), 0o644)
}

// mage is one run of the compiled targets.
func (w *workload) mage(dir string, args ...string) func(context.Context) error {
	return func(ctx context.Context) error {
		return run(exec.CommandContext(ctx, w.options.Self, args...), dir, w.environ)
	}
}

// buildctl builds the large application's components in a row, with output like ours.
func (w *workload) buildctl(ctx context.Context) error {
	for _, name := range []string{"core", "batch", "monitor"} {
		dir := filepath.Join(w.large, name)
		cmd := exec.CommandContext(ctx, w.options.Buildctl, "--addr", w.daemon.Address, "build", "--frontend", "dockerfile.v0", "--progress", "plain",
			"--local", "context="+dir, "--local", "dockerfile="+dir, "--opt", "build-arg:BASE="+w.stack.Base(),
			"--opt", "build-arg:SOURCE_DATE_EPOCH=1700000000",
			"--output", "type=oci,tar=false,dest="+filepath.Join(w.options.Dir, "out", name)+",name="+name+",rewrite-timestamp=true")
		if err := run(cmd, dir, append(w.environ, "DOCKER_CONFIG="+w.docker())); err != nil {
			return err
		}
	}
	return nil
}

// docker is where buildctl finds the registry's account.
func (w *workload) docker() string { return filepath.Join(w.options.Dir, "docker") }

func run(cmd *exec.Cmd, dir string, environ []string) error {
	var output bytes.Buffer
	cmd.Dir, cmd.Env = dir, environ
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running %s: %w\n%s", filepath.Base(cmd.Path), err, output.String())
	}
	return nil
}

func (w *workload) close() error {
	var err error
	if w.daemon != nil {
		err = w.daemon.Close()
	}
	return errors.Join(err, build.StopDaemon(context.Background(), filepath.Join(w.options.Dir, "cache")), w.stack.Close())
}
