package scaffold

import (
	"cmp"
	"encoding/json"
	"path"
	"regexp"
	"strings"
)

// usualNode is a release with long-term support.
const usualNode = "22"

// nodeManifest holds the build settings of a package.json. An invalid file has none.
type nodeManifest struct {
	PackageManager string // corepack: pnpm@9.1.0
	Scripts        map[string]string
	Volta, Engines struct{ Node string }
}

func readManifest(f Facts, dir string) nodeManifest {
	var m nodeManifest
	if err := json.Unmarshal([]byte(f.readFile(path.Join(dir, "package.json"))), &m); err != nil {
		return nodeManifest{}
	}
	return m
}

// nodePins are the files of version managers: nvm, nodenv and asdf.
var nodePins = []struct {
	file    string
	version *regexp.Regexp
}{
	{".nvmrc", nodeVersion},
	{".node-version", nodeVersion},
	{".tool-versions", regexp.MustCompile(`(?m)^node(?:js)?\s+v?(\d+(?:\.\d+)*)`)},
}

// nodeVersion matches the versions that setup-node accepts, too: a number, or an alias of a release with long-term support.
var nodeVersion = regexp.MustCompile(`(?m)^\s*(?:v?(\d+(?:\.\d+)*)|(lts/[A-Za-z*-]+[0-9]*))\s*(?:#.*)?$`)

// nodeRuntime is the Node.js for a module, by its own files or those at the root.
func nodeRuntime(f Facts, dir string) Runtime {
	runtime := Runtime{Used: true, Version: usualNode, Manager: packageManager(f, dir)}
	for _, at := range []string{dir, "."} {
		for _, pin := range nodePins {
			if match := pin.version.FindStringSubmatch(f.readFile(path.Join(at, pin.file))); match != nil {
				runtime.Version, runtime.Found = cmp.Or(match[1:]...), path.Join(at, pin.file)
				return runtime
			}
		}
		m := readManifest(f, at)
		if version := strings.TrimSpace(cmp.Or(m.Volta.Node, m.Engines.Node)); version != "" {
			runtime.Version, runtime.Found = version, path.Join(at, "package.json")
			return runtime
		}
	}
	return runtime
}

// packageManager is the one that package.json names, else the one whose lock file is there; in a workspace both are at the
// root. Without either it is Node's own.
func packageManager(f Facts, dir string) string {
	for _, at := range []string{dir, "."} {
		name, _, _ := strings.Cut(readManifest(f, at).PackageManager, "@")
		switch {
		case name == "npm" || name == "yarn" || name == "pnpm":
			return name
		case f.hasFile(path.Join(at, "pnpm-lock.yaml")):
			return "pnpm"
		case f.hasFile(path.Join(at, "yarn.lock")):
			return "yarn"
		case hasLockfile(f, at):
			return "npm"
		}
	}
	return "npm"
}

// hasLockfile reports whether npm has a lock file there, without which it refuses `npm ci`.
func hasLockfile(f Facts, dir string) bool {
	return f.hasFile(path.Join(dir, "package-lock.json")) || f.hasFile(path.Join(dir, "npm-shrinkwrap.json"))
}

// nodeCommands install what a module needs and run its build.
func nodeCommands(f Facts, dir string) []string {
	manager, in := packageManager(f, dir), ""
	if dir != "." {
		in = map[string]string{"npm": " --prefix ", "yarn": " --cwd ", "pnpm": " --dir "}[manager] + quoteShell(dir)
	}
	install := "install --frozen-lockfile"
	switch {
	case manager == "npm" && hasLockfile(f, dir):
		install = "ci"
	case manager == "npm":
		install = "install"
	case manager == "yarn" && (f.hasFile(".yarnrc.yml") || f.hasFile(path.Join(dir, ".yarnrc.yml"))):
		install = "install --immutable" // from Yarn 2 on
	}
	return []string{manager + in + " " + install, manager + in + " run build"}
}

// prunes finds what takes one application out of a workspace, which needs all of it.
var prunes = regexp.MustCompile(`\b(?:turbo|pnpm|npx|yarn)\b[^\n]*\b(?:prune|deploy|--filter|-F)\b|--workspace\b|workspaces focus`)

// quoteShell writes a word for a POSIX shell.
func quoteShell(word string) string {
	if shellWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

var shellWord = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)
