package scaffold

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// workspaceFiles returns the files that let Go find the shared targets. Where the repository has Go code of its own, they stand in
// magefiles/ and nothing of that code's build changes: a go.work at the root would choose versions for it, require its Go to be as new as
// the targets', and break `COPY . .` images and vendor/.
func workspaceFiles(f Facts, work string) []File {
	if !f.hasGo() {
		return []File{{Path: "go.work", Content: strings.ReplaceAll(work, "./ci", "./"+f.submodule())}}
	}
	version := goVersion.FindString(work)
	module := "magefiles"
	if match := modulePath.FindStringSubmatch(f.readFile("go.mod")); match != nil {
		module = path.Join(match[1], "magefiles") // so that own targets may use the application's internal packages
	}
	return []File{
		{Path: "magefiles/go.mod", Content: "// Keeps the targets out of the application's own module.\nmodule " + module + "\n\n" +
			version + "\n"},
		{Path: "magefiles/go.work", Content: version + "\n\nuse (\n\t.\n\t../" + f.submodule() + "\n)\n"},
	}
}

var (
	goVersion  = regexp.MustCompile(`(?m)^go .+$`)
	modulePath = regexp.MustCompile(`(?m)^module\s+"?([^\s"]+)"?`)
)

// hasGo reports whether there is a module or workspace anywhere that a workspace at the root would be in the way of.
func (f Facts) hasGo() bool {
	return slices.ContainsFunc(f.ownFiles(), func(name string) bool {
		base := path.Base(name)
		return (base == "go.mod" || base == "go.work") && !strings.HasPrefix(name, "magefiles/") &&
			!(name == "go.work" && strings.Contains(f.readFile(name), "./"+f.submodule()))
	})
}
