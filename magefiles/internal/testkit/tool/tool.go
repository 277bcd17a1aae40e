// Package tool compiles the tools of scripts/tools that tests need, once for each content of a tool's module.
package tool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"

	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// Build returns the path of a tool: name is its directory in scripts/tools, pkg the command's import path, of which a module may
// have several. It is kept in the user's cache, where the other tools are too.
func Build(ctx context.Context, name, pkg string, flags ...string) (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "", errors.New("finding the tools' modules: no source file is known")
	}
	dir := filepath.Join(filepath.Dir(file), "..", "..", "..", "..", "scripts", "tools", name)
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the tools' cache: %w", err)
	}
	t := toolchain.Tool{
		Name: path.Base(pkg), Module: toolchain.Module{Dir: dir, Package: pkg, Flags: flags}, Bin: filepath.Join(cache, "astrago-ci",
			"bin"),
		Takes: "a minute or more",
	}
	say := func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
	return t.Ensure(ctx, say, "check the network and GOPROXY")
}
