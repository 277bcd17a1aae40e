package project

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/bench"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// Bench measures whole commands against the tools that people would use instead. Cases are names, separated by commas; none
// means all.
func Bench(ctx context.Context, cases string, json bool) error {
	c, err := openCheckout()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding the compiled targets: %w", err)
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return fmt.Errorf("creating a directory for the benchmark: %w", err)
	}
	defer os.RemoveAll(dir)
	return bench.Run(ctx, bench.Options{
		Self: self, Sources: c.dir, Dir: dir, Cache: c.cache, Environ: os.Environ(), Tools: benchTools{c},
		Cases: strings.FieldsFunc(cases, func(r rune) bool { return r == ',' }), Out: os.Stdout, Err: os.Stderr, JSON: json,
	})
}

// benchTools are the programs to compare with.
type benchTools struct{ checkout checkout }

// Tool implements bench.Tools.
func (t benchTools) Tool(ctx context.Context, module, pkg string) (string, error) {
	return t.checkout.compileTool(ctx, module, pkg)
}

// Package implements bench.Tools.
func (t benchTools) Package(ctx context.Context, name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	say := func(format string, args ...any) { t.checkout.say(format, args...) }
	if err := toolchain.Apt(ctx, say, "or measure other cases: mage bench -case=…", name); err != nil {
		return "", err
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", problem.New(problem.Failed, "apt-get install "+name, "installing %s: %w", name, err)
	}
	return path, nil
}
