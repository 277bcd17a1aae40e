package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
	"github.com/xiilab/astrago-ci/magefiles/internal/submodule"
	"github.com/xiilab/astrago-ci/magefiles/internal/subpath"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/otlp"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// SourceDir returns the directory of astrago-ci: the one that scripts/mage ran this binary from, else the one that it was compiled
// in. It is empty where neither is known, and may be gone.
func SourceDir(v vars.Vars) string { return cmp.Or(v.Get(vars.Sources), astragoci.SourceDir()) }

// ToolsDir returns where the modules of the tools are: beside the sources of this binary, in the application's own submodule when
// those are gone, as another clone has compiled them, or where Go finds them.
func (c *Clients) ToolsDir(ctx context.Context) (string, error) {
	root := "."
	if c.project.Plan != nil {
		root = c.project.Plan.Commit.Root
	}
	dirs := []string{SourceDir(c.vars)}
	path, err := submodule.Find(ctx, root)
	if err != nil {
		path = usualPath // a copy, without git's knowledge
	}
	dirs = append(dirs, filepath.Join(root, filepath.FromSlash(path)))
	for _, dir := range dirs {
		tools := filepath.Join(dir, "scripts", "tools")
		if info, err := os.Stat(tools); dir != "" && err == nil && info.IsDir() {
			return tools, nil
		}
	}
	list := procgroup.Command(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/xiilab/astrago-ci")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		return "", problem.New(problem.Failed, "git submodule update --init, then run the command again",
			"finding the sources of astrago-ci, which pin its tools: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(out)), "scripts", "tools"), nil
}

// SubmodulePath returns where the sources of these targets are in the application's repository, with slashes, or where they are
// expected.
func SubmodulePath(v vars.Vars, root string) string {
	dir, err := filepath.EvalSymlinks(SourceDir(v))
	root, rootErr := filepath.EvalSymlinks(root)
	if err != nil || rootErr != nil {
		return usualPath
	}
	if path, ok := subpath.Of(root, dir); ok {
		return path
	}
	return usualPath
}

// ownedPaths returns what finds the paths of astrago-ci in the application's working tree of any commit. The submodule's path is that of
// this one.
func ownedPaths(c *Clients) inputs.OwnedPaths {
	return func(ctx context.Context, root string) []string {
		module, err := submodule.Find(ctx, c.project.Root)
		if err != nil {
			module = usualPath
		}
		return submodule.OwnedPaths(ctx, root, module)
	}
}

// usualPath is the usual path of astrago-ci in an application, unless that is taken.
const usualPath = "ci"

// CacheDir returns where tools and the build cache are kept, shared by all repositories of a user.
func (c *Clients) CacheDir() (string, error) {
	base := c.vars.Get(vars.CacheHome)
	if base == "" {
		var err error
		if base, err = os.UserCacheDir(); err != nil {
			return "", fmt.Errorf("finding the user's cache: %w", err)
		}
	}
	return filepath.Join(base, "astrago-ci"), nil
}

// worktreeCache returns the directory of the cache of working trees.
func (c *Clients) worktreeCache() (string, error) {
	dir, err := c.CacheDir()
	return filepath.Join(dir, "worktree"), err
}

// runURL returns the page of the workflow run, empty outside of one.
func runURL(v vars.Vars) string {
	repository, id := v.Get(vars.Repository), v.Get(vars.RunID)
	if repository == "" || id == "" {
		return ""
	}
	return cmp.Or(v.Get(vars.ServerURL), "https://github.com") + "/" + repository + "/actions/runs/" + id
}

// CommandEnviron returns the environment of the application's commands. One that knows traces continues the run's.
func (env *Env) CommandEnviron(ctx context.Context) []string {
	environ := env.Vars.ForCommands()
	if parent := otlp.Traceparent(ctx); parent != "" {
		environ = append(environ, string(vars.TraceParent)+"="+parent)
	}
	return environ
}
