//go:build mage

// The mage targets of this repository: the shared ones of ci/, and your own beside them.
package main

import (
	"context"
	"os"
	"os/exec"

	// mage:import
	_ "github.com/xiilab/astrago-ci/magefiles/targets"
)

// Check runs this repository's own checks: an example of a target of your own, called `mage check`. Change it or remove it.
func Check(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "git", "diff", "--check", "HEAD")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}
