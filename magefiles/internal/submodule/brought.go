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

// Brought are the files and directories that change in the application repository at root with astrago-ci and not with the
// application, relative to root, with slashes: the submodule, the workspace of Go that is there for it alone, and the workflows
// that call those of a commit of it. A workspace that the application shares needs the submodule wherever it is copied to: then
// neither is listed.
func Brought(ctx context.Context, root string) []string {
	var names []string
	if module, err := Find(ctx, root); err == nil {
		data, err := os.ReadFile(filepath.Join(root, "go.work"))
		uses := usedModules(string(data), module)
		switch {
		case err != nil || !slices.Contains(uses, module):
			names = append(names, module)
		case len(uses) == 1 || len(uses) == 2 && slices.Contains(uses, "magefiles"):
			names = append(names, module, "go.work", "go.work.sum")
		}
	}
	found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(workflowsDir), "*.y*ml"))
	if err != nil {
		return names
	}
	for _, file := range found {
		if data, err := os.ReadFile(file); err == nil && len(Called(data)) > 0 {
			names = append(names, workflowsDir+"/"+filepath.Base(file))
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
