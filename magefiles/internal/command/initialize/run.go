// Package initialize is `mage init`: it writes what a repository needs to use the targets, and says what is left to do. The paths that
// were written are the result on standard output, with -dryRun the differences as a unified diff.
package initialize

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
	"github.com/xiilab/astrago-ci/magefiles/internal/submodule"
	"github.com/xiilab/astrago-ci/magefiles/internal/subpath"
)

// Options are the flags of `mage init`.
type Options struct {
	Kind   string // -kind: backend, frontend or generic; empty: what the repository looks like
	DryRun bool   // -dryRun: the differences on standard output, nothing is written
	Force  bool   // -force: also over files that are there and differ

	Verbosity int // as cli.Flags.Verbosity
}

// Run writes the files.
func Run(ctx context.Context, p cli.Process, o Options) error {
	c := cli.Command{Name: "init", ReadOnly: o.DryRun, Unreported: true, Quiet: true}
	return cli.Run(ctx, p, c, cli.Flags{Verbosity: o.Verbosity}, func(ctx context.Context, env *cli.Env) error {
		facts, err := findFacts(ctx, env)
		if err != nil {
			return err
		}
		templates, err := astragoci.Templates()
		if err != nil {
			return fmt.Errorf("reading the templates: %w", err)
		}
		layout, err := scaffold.Detect(facts, scaffold.Kind(o.Kind))
		if err != nil {
			return err
		}
		files, err := facts.Draft(layout, templates, o.Force)
		if err != nil {
			return err
		}
		env.Console.Listing("init: "+layout.Service+", "+string(layout.Kind), layoutRows(layout))
		result, err := writeFiles(ctx, facts.Survey.Root, files, o.DryRun)
		if err != nil {
			return err
		}
		env.Console.Listing(fileHeading(o.DryRun), fileRows(files))
		if rows := conflictRows(layout); len(rows) > 0 {
			env.Console.Listing("workflows that do the same today", rows)
		}
		env.Console.Listing("next", append(archiveRows(facts.VaryingArchives(layout), files), nextRows(layout, files, o)...))
		return env.PrintText(result)
	})
}

// findFacts looks at the repository.
func findFacts(ctx context.Context, env *cli.Env) (scaffold.Facts, error) {
	survey, err := git.Look(ctx, cmp.Or(env.Process.Dir, "."))
	if err != nil {
		return scaffold.Facts{}, err
	}
	tree, err := os.OpenRoot(survey.Root) // symbolic links of the repository lead nowhere else
	if err != nil {
		return scaffold.Facts{}, fmt.Errorf("opening the repository: %w", err)
	}
	context.AfterFunc(ctx, func() { _ = tree.Close() })
	facts := scaffold.Facts{Survey: survey, Tree: tree.FS(), Submodule: submodulePath(ctx, survey.Root)}
	if ci, err := submodule.Current(ctx, survey.Root); err == nil { // a plain copy of it has no commit of its own
		facts.Pin = func(workflow []byte) []byte { return submodule.Rewrite(workflow, ci) }
	}
	facts.Bake = facts.EvaluateBake(ctx)
	return facts, nil
}

// writeFiles writes the files and returns their paths, a line each, or the differences of a dry run.
func writeFiles(ctx context.Context, root string, files []scaffold.File, dryRun bool) (string, error) {
	diff, err := scaffold.Diff(ctx, files)
	if err != nil || dryRun {
		return diff, err
	}
	written, err := scaffold.Apply(root, files)
	if err != nil || len(written) == 0 {
		return "", err
	}
	return strings.Join(written, "\n") + "\n", nil
}

// submodulePath returns the path of astrago-ci in the repository: as its submodule, or as a plain copy that these targets are of.
func submodulePath(ctx context.Context, root string) string {
	if path, err := submodule.Find(ctx, root); err == nil {
		return path
	}
	dir, err := filepath.EvalSymlinks(astragoci.SourceDir())
	if err != nil {
		return ""
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return ""
	}
	if path, ok := subpath.Of(root, dir); ok && path != "." {
		return path
	}
	return ""
}
