package rendercheck

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// The renderers that are known here.
const (
	helm     = "helm"
	helmfile = "helmfile"
)

// toolsOf names what a check runs; helmfile runs helm.
func toolsOf(c config.Check) []string {
	switch {
	case c.Helm != nil:
		return []string{helm}
	case c.Helmfile != nil:
		return []string{helm, helmfile}
	}
	return nil
}

// findTool prefers the installed tool: the team renders with it.
func (c *Checker) findTool(ctx context.Context, name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return filepath.Abs(path)
	}
	dir, err := c.options.ToolsDir(ctx)
	if err != nil {
		return "", fmt.Errorf("finding %s, which is not installed: %w", name, err)
	}
	tool := toolchain.Tool{Name: name, Bin: c.options.BinDir, Module: toolchain.Module{
		Dir: filepath.Join(dir, name), Package: map[string]string{
			helm: "helm.sh/helm/v4/cmd/helm", helmfile: "github.com/helmfile/helmfile",
		}[name], Flags: []string{"-ldflags=-s -w"},
	}, Takes: map[string]string{helm: "one to two minutes", helmfile: "about five minutes"}[name]}
	return tool.Ensure(ctx, c.options.Say, "install "+name+" and put it on PATH, or check the network and GOPROXY")
}
