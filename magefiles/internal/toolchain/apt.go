package toolchain

import (
	"context"
	"os"
	"os/exec"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// Apt installs Debian packages. Where that is impossible (another distribution, not root) the Problem names the command to
// run, followed by otherwise, what the person could do instead.
func Apt(ctx context.Context, say Say, otherwise string, packages ...string) error {
	names := strings.Join(packages, " ")
	remedy := strings.TrimSpace("sudo apt-get install " + names + "\n" + otherwise)
	apt, err := exec.LookPath("apt-get")
	switch {
	case err != nil:
		return problem.New(problem.Failed, strings.TrimSpace("install it with your distribution's package manager\n"+otherwise),
			"finding %s: not installed", names)
	case os.Geteuid() != 0:
		return problem.New(problem.Failed, remedy, "finding %s: not installed, and only root can install it", names)
	}
	say("installing %s: apt-get install %s", names, names)
	if install(ctx, apt, remedy, packages) == nil {
		return nil
	}
	// Package lists of a fresh machine are empty or old.
	if err := Run(ctx, procgroup.Command(ctx, apt, "update"), remedy); err != nil {
		return err
	}
	return install(ctx, apt, remedy, packages)
}

func install(ctx context.Context, apt, remedy string, packages []string) error {
	cmd := procgroup.Command(ctx, apt, append([]string{"install", "-y", "--no-install-recommends"}, packages...)...)
	cmd.Env = append(cmd.Env, "DEBIAN_FRONTEND=noninteractive")
	return Run(ctx, cmd, remedy)
}
