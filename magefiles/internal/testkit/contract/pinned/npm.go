package pinned

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// npm runs npm in a directory. Which registry it asks is npm's own configuration; what comes from there is held against
// the pins of this package.
func npm(ctx context.Context, dir string, args ...string) error {
	cmd := exec.CommandContext(ctx, "npm", args...)
	cmd.Dir = dir
	return toolchain.Run(ctx, cmd, "check the network and npm's registry (npm config get registry)")
}

// pack fetches the archive of one package; npm checks it against the registry's own digest.
func pack(ctx context.Context, dir, name, version string) (archive string, err error) {
	if err := npm(ctx, dir, "pack", "--silent", name+"@"+version); err != nil {
		return "", err
	}
	// npm's name for the archive: the scope's @ goes, its slash becomes a dash.
	return strings.ReplaceAll(strings.TrimPrefix(name, "@"), "/", "-") + fmt.Sprintf("-%s.tgz", version), nil
}
