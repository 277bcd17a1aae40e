package build

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// tools are the programs of our own daemon.
type tools struct{ buildkitd, runc string }

func daemonTools(ctx context.Context, o ConnectOptions) (t tools, err error) {
	if t.runc, err = findRunc(ctx, o.Say); err != nil {
		return t, err
	}
	t.buildkitd, err = ensureBuildkitd(ctx, o)
	return t, err
}

// ensureBuildkitd builds the daemon from its pinned module, once for all processes.
func ensureBuildkitd(ctx context.Context, o ConnectOptions) (string, error) {
	dir := filepath.Join(o.BinDir, "buildkit-"+DaemonVersion)
	path := filepath.Join(dir, "buildkitd")
	if isExecutable(path) {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("creating the tools' cache: %w", err)
	}
	release, err := acquire(ctx, filepath.Join(dir, "build.lock"), true)
	if err != nil {
		return "", err
	}
	defer release()
	if isExecutable(path) {
		return path, nil
	}
	return path, compileBuildkitd(ctx, o, path)
}

func compileBuildkitd(ctx context.Context, o ConnectOptions, path string) error {
	if o.ToolsDir == nil {
		return problem.New(problem.Failed, "set BUILDKIT_HOST to a running daemon", "building buildkitd: the tools' modules are not known")
	}
	dir, err := o.ToolsDir(ctx)
	if err != nil {
		return err
	}
	o.Say("building buildkitd %s from its Go module into %s, once; this takes one to three minutes", DaemonVersion, filepath.Dir(path))
	daemon := toolchain.Module{
		Dir: filepath.Join(dir, "buildkit"), Package: "github.com/moby/buildkit/cmd/buildkitd",
		Flags: []string{"-ldflags=-s -w -X github.com/moby/buildkit/version.Version=" + DaemonVersion},
	}
	return daemon.Build(ctx, path, "check the network and GOPROXY, or set BUILDKIT_HOST to a running daemon")
}

// findRunc finds what BuildKit runs steps with, and installs it from the distribution where that is known to work.
func findRunc(ctx context.Context, say func(string, ...any)) (string, error) {
	candidates := []string{"buildkit-runc", "runc", "/usr/sbin/runc", "/usr/local/sbin/runc"} // sbin is not in every PATH
	for _, name := range candidates {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	if err := toolchain.Apt(ctx, say, "or set BUILDKIT_HOST to a running daemon", "runc"); err != nil {
		return "", err
	}
	path, err := exec.LookPath("/usr/sbin/runc")
	if err != nil {
		return "", problem.New(problem.Failed, "set BUILDKIT_HOST to a running daemon", "installing runc: it is not at %q afterwards", "/usr/sbin/runc")
	}
	return path, nil
}

func isExecutable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
