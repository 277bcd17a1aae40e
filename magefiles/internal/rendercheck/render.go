package rendercheck

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// maxManifests bounds what a renderer may print, in bytes.
const maxManifests = 256 << 20

// renderAll returns the images of all checks together: they may render a chart each.
func (c *Checker) renderAll(ctx context.Context, checks []config.Check, t *tree) ([]renderedImage, error) {
	var all []renderedImage
	for _, check := range checks {
		manifests, err := c.renderWith(ctx, check, t)
		if err != nil {
			return nil, err
		}
		images, err := imagesOf(manifests)
		if err != nil {
			return nil, fmt.Errorf("reading what %s has rendered: %w", nameOf(check), err)
		}
		all = append(all, images...)
	}
	return all, nil
}

func nameOf(c config.Check) string {
	switch {
	case c.Helm != nil:
		return "helm template of " + c.Helm.Chart + " as release " + c.Helm.Release
	case c.Helmfile != nil:
		return "helmfile template of " + c.Helmfile.File
	}
	return fmt.Sprintf("%q", c.Command)
}

// renderArguments are the command line of a check.
func (c *Checker) renderArguments(check config.Check, dir string) []string {
	at := func(path string) string { return filepath.Join(dir, filepath.FromSlash(path)) }
	switch {
	case check.Helm != nil:
		h := check.Helm
		args := []string{c.tools[helm], "template", h.Release, at(h.Chart)}
		for _, file := range h.Values {
			args = append(args, "--values", at(file))
		}
		if h.Namespace != "" {
			args = append(args, "--namespace", h.Namespace)
		}
		return append(args, h.Args...)
	case check.Helmfile != nil:
		h := check.Helmfile
		args := []string{c.tools[helmfile], "--helm-binary", c.tools[helm], "--no-color", "--quiet", "--file", at(h.File)}
		if h.Environment != "" {
			args = append(args, "--environment", h.Environment)
		}
		return append(append(args, "template"), h.Args...)
	}
	return []string{"sh", "-c", check.Command}
}

// renderWith returns what the renderer writes to its standard output. The error holds no more of the rest than is safe.
func (c *Checker) renderWith(ctx context.Context, check config.Check, t *tree) ([]byte, error) {
	if check.Helm != nil {
		if err := c.fetchDependencies(ctx, check.Helm.Chart, t); err != nil {
			return nil, err
		}
	}
	environ := procgroup.Select(c.options.Environ, check.Env...)
	if check.Helmfile != nil && !check.Helmfile.Exec {
		environ = append(environ, confinedEnvironment...)
	}
	args := c.renderArguments(check, t.dir)
	return c.runTool(ctx, t, nameOf(check), environ, args...)
}

// confinedEnvironment keeps a helmfile from running programs and from reading what is not named in it.
var confinedEnvironment = []string{"HELMFILE_DISABLE_INSECURE_FEATURES=true", "HELMFILE_DISABLE_HOOKS=true"}

// runTool runs a renderer in the tree, where it finds nothing of what this user keeps, with environ beside what any program
// may read.
func (c *Checker) runTool(ctx context.Context, t *tree, name string, environ []string, args ...string) ([]byte, error) {
	cmd := procgroup.Command(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Env = t.dir, append(procgroup.Scratch(c.options.Environ, t.scratch), environ...)
	stdout, stderr := procgroup.NewBoundedBuffer(maxManifests), procgroup.NewBoundedBuffer(1<<20)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	procgroup.EndWhole(cmd)
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return stdout.Bytes(), nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case errors.As(err, &exit):
		return nil, fmt.Errorf("%s ended with exit code %d%s", name, exit.ExitCode(), t.errorExcerpt(stderr.String()))
	}
	return nil, fmt.Errorf("running %s: %w", name, err)
}
