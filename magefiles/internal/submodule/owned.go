package submodule

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// OwnedPaths returns the files and directories that change in the application repository at root with astrago-ci and not with the
// application, relative to root, with slashes: the submodule, whose path is module, the workspace of Go that is there for it alone, and
// the workflows that call those of a commit of it. A workspace that the application shares needs the submodule wherever it is copied to:
// then neither is listed.
func OwnedPaths(ctx context.Context, root, module string) []string {
	return append(ownedModule(ctx, root, module), ownedWorkflows(root)...)
}

func ownedModule(ctx context.Context, root, module string) []string {
	if listed, err := listPaths(ctx, root); err != nil || !slices.Contains(listed, module) {
		return nil
	}
	data, err := os.ReadFile(filepath.Join(root, "go.work"))
	uses := usedModules(string(data), module)
	switch {
	case err != nil || !slices.Contains(uses, module):
		return []string{module}
	case len(uses) == 1 || len(uses) == 2 && slices.Contains(uses, "magefiles"):
		return []string{module, "go.work", "go.work.sum"}
	}
	return nil
}

func ownedWorkflows(root string) (names []string) {
	dir := filepath.Join(root, filepath.FromSlash(workflowsDir))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		if matched, err := path.Match("*.y*ml", entry.Name()); err != nil || !matched {
			continue
		}
		if data, err := os.ReadFile(filepath.Join(dir, entry.Name())); err == nil && len(Called(data)) > 0 {
			names = append(names, workflowsDir+"/"+entry.Name())
		}
	}
	return names
}

// workspaceLine is a line of go.work that names a directory: of `use`, of its block, or of `replace`.
var workspaceLine = regexp.MustCompile(`(?m)^[ \t]*(?:use[ \t]+|.*=>[ \t]*)?["\x60]?` +
	`(\.{1,2}(?:/[^\s"\x60]*)?|/[^\s"\x60]*)["\x60]?[ \t\r]*(?://.*)?$`)

// usedModules are the directories that a workspace names, cleaned. An absolute one may be the submodule's.
func usedModules(workspace, module string) (dirs []string) {
	for _, match := range workspaceLine.FindAllStringSubmatch(workspace, -1) {
		dir := path.Clean(match[1])
		if path.IsAbs(dir) && strings.HasSuffix(dir, "/"+module) {
			dir = module
		}
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}
