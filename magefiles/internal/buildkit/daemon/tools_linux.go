package daemon

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// elsewhereHint is the remedy where a tool cannot be obtained.
const elsewhereHint = "or set BUILDKIT_HOST to a running daemon"

// toolPaths are the programs of astrago-ci's own daemon; rootlesskit runs it as an ordinary user.
type toolPaths struct{ buildkitd, runc, rootlesskit string }

func (t toolPaths) isRootless() bool { return t.rootlesskit != "" }

func daemonTools(ctx context.Context, o Options, tried []string) (t toolPaths, err error) {
	if os.Geteuid() != 0 {
		if err := checkUserNamespaces("/proc/sys", tried); err != nil {
			return t, err
		}
		if err := requireInstalled(ctx, o.Say, "newuidmap", "uidmap"); err != nil {
			return t, err
		}
		rootlesskit := toolchain.Module{
			Package: "github.com/rootless-containers/rootlesskit/v2/cmd/rootlesskit", Flags: []string{"-ldflags=-s -w"},
		}
		if t.rootlesskit, err = ensureTool(ctx, o, "rootlesskit", rootlesskitVersion, rootlesskit); err != nil {
			return t, err
		}
	}
	if err := requireInstalled(ctx, o.Say, "flock", "util-linux"); err != nil {
		return t, err
	}
	if t.runc, err = findRunc(ctx, o.Say); err != nil {
		return t, err
	}
	t.buildkitd, err = ensureBuildkitd(ctx, o)
	return t, err
}

// requireInstalled installs a package whose program is not there.
func requireInstalled(ctx context.Context, say toolchain.Say, program, pkg string) error {
	if _, err := exec.LookPath(program); err == nil {
		return nil
	}
	return toolchain.Apt(ctx, say, elsewhereHint, pkg)
}

// checkUserNamespaces finds out why an ordinary user could not have a daemon (user_namespaces(7); Debian's and Ubuntu's
// kernels have switches of their own).
func checkUserNamespaces(sysctls string, tried []string) error {
	for _, s := range []struct{ name, forbids string }{
		{"user/max_user_namespaces", "0"}, {"kernel/unprivileged_userns_clone", "0"}, {"kernel/apparmor_restrict_unprivileged_userns", "1"},
	} {
		data, err := os.ReadFile(filepath.Join(sysctls, s.name))
		if err == nil && strings.TrimSpace(string(data)) == s.forbids {
			return noDaemon(fmt.Sprintf("none is running, and the kernel lets only root start one: %s is %s",
				strings.ReplaceAll(s.name, "/", "."), s.forbids), tried)
		}
	}
	return nil
}

// ensureBuildkitd builds the daemon from its pinned module, once for all processes.
func ensureBuildkitd(ctx context.Context, o Options) (string, error) {
	return ensureTool(ctx, o, "buildkitd", Version, toolchain.Module{
		Package: "github.com/moby/buildkit/cmd/buildkitd",
		Flags:   []string{"-ldflags=-s -w -X github.com/moby/buildkit/version.Version=" + Version},
	})
}

func ensureTool(ctx context.Context, o Options, name, version string, module toolchain.Module) (string, error) {
	kept := strings.TrimSuffix(name, "d") // buildkitd is a program of the module buildkit
	dir := filepath.Join(o.BinDir, kept+"-"+version)
	path := filepath.Join(dir, name)
	if ready, err := toolchain.Intact(path); ready || err != nil {
		return path, err
	}
	if o.ToolsDir == nil {
		return "", problem.New(problem.Failed, "set BUILDKIT_HOST to a running daemon", "building %s: the tools' modules are not known",
			name)
	}
	modules, err := o.ToolsDir(ctx)
	if err != nil {
		return "", err
	}
	module.Dir = filepath.Join(modules, kept)
	starting := func() {
		o.Say("building %s %s from its Go module into %s, once; this takes one to three minutes", name, version, dir)
	}
	return path, module.Keep(ctx, path, starting, "check the network and GOPROXY, "+elsewhereHint)
}

// findRunc finds what BuildKit runs steps with, and installs it from the distribution where that is known to work.
func findRunc(ctx context.Context, say func(string, ...any)) (string, error) {
	candidates := []string{"buildkit-runc", "runc", "/usr/sbin/runc", "/usr/local/sbin/runc"} // sbin is not in every PATH
	for _, name := range candidates {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	if err := toolchain.Apt(ctx, say, elsewhereHint, "runc"); err != nil {
		return "", err
	}
	path, err := exec.LookPath("/usr/sbin/runc")
	if err != nil {
		return "", problem.New(problem.Failed, "set BUILDKIT_HOST to a running daemon", "installing runc: it is not at %q afterwards",
			"/usr/sbin/runc")
	}
	return path, nil
}
