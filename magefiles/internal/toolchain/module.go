package toolchain

import (
	"context"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// Module is a Go module that pins one tool: a directory of scripts/tools.
type Module struct {
	Dir     string   // with go.mod
	Package string   // the command's import path
	Flags   []string // for go build, beside those that every tool gets
}

// BuildFlags are those of `go build` for every tool. They are as scripts/mage has them for the targets, so that Go compiles what a tool has
// in common with the targets once: half of BuildKit's daemon. Debug information would be stripped at the end.
func BuildFlags() []string {
	return []string{"-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false", "-tags=grpcnotrace"}
}

// Keep compiles the tool to path where it is missing, see Keep; starting is called before that, and may be nil. The caller's
// workspace and flags do not join in, and no C compiler is needed. remedy is for when compiling fails.
func (m Module) Keep(ctx context.Context, path string, starting func(), remedy string) error {
	return Keep(ctx, path, func(temporary string) error {
		if starting != nil {
			starting()
		}
		return m.build(ctx, temporary, remedy)
	})
}

func (m Module) build(ctx context.Context, path, remedy string) error {
	args := slices.Concat([]string{"build", "-mod=readonly", "-o", path}, BuildFlags(), m.Flags, []string{m.Package})
	cmd := procgroup.Command(ctx, "go", args...)
	cmd.Dir = m.Dir
	// Collecting garbage would take a third of the compiler's time; variables that are set are kept.
	cmd.Env = append([]string{"GOGC=off", "GOMEMLIMIT=2GiB"}, cmd.Env...)
	cmd.Env = append(cmd.Env, "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
	return Run(ctx, cmd, remedy)
}
