//go:build mage

// The targets of astrago-ci itself: those that every application repository shares, and this repository's own.
package main

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/project"
	// mage:import
	_ "github.com/xiilab/astrago-ci/magefiles/targets"
)

// Demo releases two example applications on a stack of its own: BuildKit, a registry and a GitHub on this machine.
func Demo(ctx context.Context,
	keep *bool, // leave everything running in the foreground until Ctrl-C, with the commands to use it
) error {
	return project.Demo(ctx, keep != nil && *keep)
}

// Prebuild compiles the targets that a release carries into .astrago/targets, for every platform; their sums are the result.
func Prebuild(ctx context.Context) error { return project.Prebuild(ctx) }

// Publish tags this version, publishes its notes, and proposes it to the repositories of .github/consumers.yaml.
func Publish(ctx context.Context) error { return project.Publish(ctx) }

// Bench measures whole commands against the tools that people would use instead, on this machine.
func Bench(ctx context.Context,
	Case *string, // entry, again, script, bake, changed, unchanged, output, scale, monorepo, daemons, layers, push, startup (default: all)
	json *bool, // print the measurements as JSON
) error {
	chosen := ""
	if Case != nil {
		chosen = *Case
	}
	return project.Bench(ctx, chosen, json != nil && *json)
}

// Test runs every test with the race detector; what they need is installed first, and said so.
func Test(ctx context.Context) error { return project.Test(ctx) }

// Audit looks for known holes in what the targets and each tool of scripts/tools are compiled from; it needs vuln.go.dev.
func Audit(ctx context.Context) error { return project.Audit(ctx) }

// Lint checks rules, formatting, workflows and scripts, and that the targets compile on every platform.
func Lint(ctx context.Context) error { return project.Lint(ctx) }

// House prints the figures of the code: methods of a type, files of a package, lengths, names.
func House() error { return project.House() }
