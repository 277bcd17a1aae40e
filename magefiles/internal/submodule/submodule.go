// Package submodule moves astrago-ci within an application repository that has it as a git submodule, to a version that its
// own remote has. It stages the move and leaves the commit to the person.
package submodule

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// moduleLine is the module line of astrago-ci's go.mod.
const moduleLine = "module github.com/xiilab/astrago-ci\n"

// Find returns the path of the submodule from the root of the application repository, with slashes.
func Find(ctx context.Context, root string) (string, error) {
	listed, _ := listPaths(ctx, root) // none where .gitmodules is missing or cannot be read
	for _, path := range listed {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path), "go.mod"))
		if err == nil && bytes.HasPrefix(data, []byte(moduleLine)) {
			return path, nil
		}
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return "", problem.New(problem.Usage, "git submodule add https://github.com/xiilab/astrago-ci.git ci, or git submodule update --init",
		"finding astrago-ci in %q: no submodule that is checked out is astrago-ci", root)
}

// listPaths returns the paths of all submodules that .gitmodules lists, checked out or not.
func listPaths(ctx context.Context, root string) (paths []string, err error) {
	listed, err := git.Output(ctx, root, "config", "--file", ".gitmodules", "--get-regexp", `^submodule\..*\.path$`)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(listed) {
		_, path, _ := strings.Cut(strings.TrimSpace(line), " ")
		paths = append(paths, path)
	}
	return paths, nil
}
