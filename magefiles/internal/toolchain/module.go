package toolchain

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Module is a Go module that pins one tool: a directory of scripts/tools.
type Module struct {
	Dir     string   // with go.mod
	Package string   // the command's import path
	Flags   []string // for go build, beside those that every tool gets
}

// Build compiles the tool to path, which appears only when it is whole. The caller's workspace and flags do not join in,
// and no C compiler is needed.
func (m Module) Build(ctx context.Context, path, remedy string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("creating the tools' cache: %w", err)
	}
	partial := path + ".partial"
	defer os.Remove(partial)
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-o", partial}, m.Flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, m.Package)...)
	cmd.Dir = m.Dir
	// Collecting garbage would take a third of the compiler's time; who sets these variables means it.
	cmd.Env = append([]string{"GOGC=off", "GOMEMLIMIT=2GiB"}, cmd.Environ()...)
	cmd.Env = append(cmd.Env, "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
	if err := Run(ctx, cmd, remedy); err != nil {
		return err
	}
	if err := os.Rename(partial, path); err != nil {
		return fmt.Errorf("keeping %s: %w", filepath.Base(path), err)
	}
	return nil
}
