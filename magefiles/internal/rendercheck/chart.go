// Package rendercheck proves, before a commit, that what is deployed still renders with the edited values and that the rendered
// workloads name the new images. An edit that sets a key which no template reads is found here and nowhere else.
//
// Values files and manifests hold credentials: of both, nothing but lines that name images is ever shown.
package rendercheck

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// renderTimeout ends a renderer that hangs.
const renderTimeout = 5 * time.Minute

// Options are the machine's settings for a Checker.
type Options struct {
	ToolsDir func(context.Context) (string, error) // scripts/tools, asked only when a tool has to be compiled
	BinDir   string                                // where compiled tools are kept
	Environ  []string                              // in the form of os.Environ: renderers get what their check names of it
	Say      toolchain.Say
}

// Checker runs checks.
type Checker struct {
	options Options
	tools   map[string]string // path by name
}

// New returns a Checker. It is not safe for concurrent use.
func New(o Options) *Checker { return &Checker{options: o, tools: map[string]string{}} }

// Edit is a change to a deployment repository that is not committed yet.
type Edit struct {
	Place   string // for messages: repository@branch
	Archive []byte // the repository at the head, as GitHub's archives are: a gzipped tar below one directory
	Files   []File
	Images  []Image           // what the change sets
	Mirrors map[string]string // as config.Environment has them
}

// File is a file before and after the change; nil is one that does not exist.
type File struct {
	Path          string // slash-separated
	Before, After []byte
}

// Image is one component's new image.
type Image struct {
	Component component.Name
	Ref       imageref.Reference // by its tag; without a digest before it is pushed: then a digest in a manifest is not compared
}

// Prepare finds the tools of the checks and compiles the missing ones, which takes minutes the first time.
func (c *Checker) Prepare(ctx context.Context, checks []config.Check) error {
	for _, check := range checks {
		for _, name := range toolsOf(check) {
			if c.tools[name] != "" {
				continue
			}
			path, err := c.findTool(ctx, name)
			if err != nil {
				return err
			}
			c.tools[name] = path
		}
	}
	return nil
}

// Check renders everything with the change, in a temporary directory that only this user can read. Problems carry
// problem.Refused when the result does not render, or lacks a new image. pinned tells that a manifest names a new image by a
// digest, so that the answer is another once that image's is known.
func (c *Checker) Check(ctx context.Context, checks []config.Check, e Edit) (pinned bool, err error) {
	if len(checks) == 0 || len(e.Images) == 0 {
		return false, nil
	}
	if err := c.Prepare(ctx, checks); err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, renderTimeout,
		problem.New(problem.Failed, "run the check's command by hand in a clone of "+e.Place,
			"checking the charts of %s: they have not rendered within %s", e.Place, renderTimeout))
	defer cancel()
	dir, err := os.MkdirTemp("", "astrago-chart-")
	if err != nil {
		return false, fmt.Errorf("creating a directory to render in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	tree, err := openTree(dir, e)
	if err != nil {
		return false, err
	}
	defer tree.Close()
	return c.judgeRendered(ctx, checks, e, tree)
}

// openTree unpacks an edit's repository below dir, with a home for renderers beside it.
func openTree(dir string, e Edit) (*tree, error) {
	files, scratch := filepath.Join(dir, "tree"), filepath.Join(dir, "home")
	for _, d := range []string{files, scratch} {
		if err := os.Mkdir(d, 0o700); err != nil {
			return nil, fmt.Errorf("creating a directory to render in: %w", err)
		}
	}
	tree, err := unpackArchive(files, e.Archive)
	if err != nil {
		return nil, fmt.Errorf("unpacking %s: %w", e.Place, err)
	}
	tree.scratch = scratch
	if err := tree.checkDependencies(); err != nil {
		tree.Close()
		return nil, fmt.Errorf("checking the charts of %s: %w", e.Place, err)
	}
	return tree, nil
}

func (c *Checker) judgeRendered(ctx context.Context, checks []config.Check, e Edit, tree *tree) (pinned bool, err error) {
	if err := tree.writeFiles(e.Files, func(f File) []byte { return f.After }); err != nil {
		return false, err
	}
	after, failure := c.renderAll(ctx, checks, tree)
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	missing := findMissing(e, after)
	if failure == nil && len(missing) == 0 {
		return isPinned(e, after), nil
	}
	// Only now is it worth a second rendering: it tells what the change does.
	if err := tree.writeFiles(e.Files, func(f File) []byte { return f.Before }); err != nil {
		return false, err
	}
	before, was := c.renderAll(ctx, checks, tree)
	switch {
	case ctx.Err() != nil:
		return false, context.Cause(ctx)
	case failure != nil && was != nil:
		return false, problem.New(problem.Refused,
			"fix the chart first, or correct `check` in astrago.yaml: then run the same command again",
			"checking the charts of %s: they do not render, with the new values or without: %w", e.Place, failure)
	case failure != nil:
		return false, problem.New(problem.Refused, "nothing was committed; correct `set` in astrago.yaml, or the chart",
			"checking the charts of %s: they render as they are, but not with the new values: %w", e.Place, failure)
	}
	return false, findUnnamed(e, missing, before, after)
}
