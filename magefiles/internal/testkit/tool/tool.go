// Package tool compiles the tools of scripts/tools that tests need, once for each content of a tool's module.
package tool

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// Build gives the path of a tool: name is its directory in scripts/tools, pkg the command's import path. It is kept in the
// user's cache, where the other tools are too.
func Build(ctx context.Context, name, pkg string) (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "", errors.New("finding the tools' modules: no source file is known")
	}
	dir := filepath.Join(filepath.Dir(file), "..", "..", "..", "..", "scripts", "tools", name)
	pins, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("reading the module of %s: %w", name, err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the tools' cache: %w", err)
	}
	sum := sha256.Sum256(pins)
	path := filepath.Join(cache, "astrago-ci", "bin", name+"-"+hex.EncodeToString(sum[:6]))
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, toolchain.Module{Dir: dir, Package: pkg}.Build(ctx, path, "check the network and GOPROXY")
}
