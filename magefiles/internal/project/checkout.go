package project

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/demo"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/script"
	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// checkout is this repository on disk, with what its chores need.
type checkout struct {
	dir   string // root of the repository
	cache string // directory for tools, shared with the targets
	flags string // GOFLAGS by which scripts/mage compiles: what is compiled alike is compiled once
	ci    bool   // nothing may be skipped
	out   io.Writer
}

// openCheckout finds the checkout that it is called in: the compiled targets are shared by all that have the same content, but for
// what only tests need.
func openCheckout() (checkout, error) {
	dir, err := workingDirectory()
	if err != nil {
		return checkout{}, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return checkout{}, fmt.Errorf("finding the user's cache: %w", err)
	}
	flags, err := script.Flags(dir)
	if err != nil {
		return checkout{}, err
	}
	return checkout{
		dir:   dir,
		cache: filepath.Join(cache, "astrago-ci"),
		flags: flags,
		ci:    os.Getenv("CI") == "true", //nolint:forbidigo // these chores are no part of what consumers run
		out:   os.Stderr,
	}, nil
}

// workingDirectory is the working directory, where scripts/mage and mage run the targets.
func workingDirectory() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding this checkout: %w", err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !strings.HasPrefix(string(data), "module github.com/xiilab/astrago-ci\n") {
		return "", problem.New(problem.Usage, "run it in the root of a clone of astrago-ci: ./scripts/mage",
			"finding this checkout: %s is not the root of astrago-ci", dir)
	}
	return dir, nil
}

// Demo runs the demo with this very binary.
func Demo(ctx context.Context, keep bool) error {
	c, err := openCheckout()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding the compiled targets: %w", err)
	}
	return demo.Run(ctx, demo.Options{
		Self: self, Sources: c.dir, Cache: c.cache, Environ: os.Environ(), Out: os.Stdout, Err: os.Stderr,
		Keep: keep,
	})
}

func (c checkout) say(format string, args ...any) { fmt.Fprintf(c.out, "▸ "+format+"\n", args...) }

// environ returns this process's environment, in which go works on this module alone, by scripts/mage's flags.
func (c checkout) environ() []string {
	return append(c.withMemory(), "GOFLAGS="+c.flags, "GOWORK=off", "CGO_ENABLED=0")
}

// withMemory returns this process's environment, in which compilers, linters and tests collect garbage seldom: it would take a sixth of the
// time of a test with the race detector, and more of a compiler's. Variables that are set are kept; children of the tests inherit these.
func (c checkout) withMemory() []string {
	return append([]string{"GOGC=400", "GOMEMLIMIT=3GiB"}, (&exec.Cmd{Dir: c.dir}).Environ()...)
}

// run runs a command in the checkout, saying so first, with its output passed through.
func (c checkout) run(ctx context.Context, env []string, args ...string) error {
	shown := append(slices.Clone(env), filepath.Base(args[0]))
	c.say("%s", strings.Join(append(shown, args[1:]...), " "))
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = c.dir
	cmd.Env = append(c.environ(), env...)
	cmd.Stdout, cmd.Stderr = c.out, c.out
	err := cmd.Run()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return problem.New(problem.Failed, "", "running %s: %w", filepath.Base(args[0]), err)
	}
	return nil
}

// requirePackages installs the Debian packages of the commands that are missing.
func (c checkout) requirePackages(ctx context.Context, commands map[string]string) error {
	var packages []string
	for _, command := range slices.Sorted(maps.Keys(commands)) {
		if _, err := exec.LookPath(command); err != nil {
			packages = append(packages, strings.Fields(commands[command])...)
		}
	}
	if len(packages) == 0 {
		return nil
	}
	return toolchain.Apt(ctx, c.say, "", packages...)
}

// compileTool compiles a tool of scripts/tools once for each content of its module.
func (c checkout) compileTool(ctx context.Context, name, pkg string) (string, error) {
	tool := toolchain.Tool{
		Name: name, Module: toolchain.Module{Dir: filepath.Join(c.dir, "scripts", "tools", name), Package: pkg},
		Bin: filepath.Join(c.cache, "bin"), Takes: "a minute or two",
	}
	return tool.Ensure(ctx, c.say, "check the network and GOPROXY")
}
