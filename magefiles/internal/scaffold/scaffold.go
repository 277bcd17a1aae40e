// Package scaffold makes a repository one that uses astrago-ci: it reads what is there (Facts), finds out what its images
// and environments are (Layout), and gives the files to add (File). Only Apply writes, and nothing of the repository is run.
package scaffold

import (
	"cmp"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold/declared"
)

// Kind is the kind of an application, which selects its templates.
type Kind string

// The kinds.
const (
	Backend  Kind = "backend"  // compiled before its images are built
	Frontend Kind = "frontend" // built by Node
	Generic  Kind = "generic"
)

// Facts is the repository as it is.
type Facts struct {
	git.Survey
	Tree fs.FS // its working tree

	Submodule string                       // path of astrago-ci in it, with slashes; empty is ci
	Pin       func(workflow []byte) []byte // lets a workflow call those of the submodule's commit; may be nil
	Bake      Bake
}

// Layout is the content of the configuration to write.
type Layout struct {
	Kind         Kind
	Submodule    string // as in Facts
	Private      bool   // its remote is none that everyone can read, as far as its address tells
	Service      string
	Image        string // repository without tag, or words in angle brackets where nothing tells
	ImageFound   string // the place that pushes there, too; empty where nothing does
	ImageUnknown string // a place that pushes somewhere that is known only when it runs
	Prepare      []string
	Java, Node   Runtime // what Prepare runs on
	Components   []Component
	LeftOut      []LeftOut
	Conflicts    []Conflict
	Environments []Environment
	Unread       string // what declares builds and could not be read, and why; empty for nothing

	builds []declared.Build
}

// Detect finds out what there is; kind overrides what it looks like, where it is not empty. A repository without the
// submodule and an unknown kind are wrong usage (exit code 2).
func Detect(f Facts, kind Kind) (Layout, error) {
	if _, err := fs.Stat(f.Tree, f.submodule()+"/magefiles/targets"); err != nil {
		return Layout{}, problem.New(problem.Usage, "git submodule add https://github.com/xiilab/astrago-ci.git "+f.submodule(),
			"looking around: %q has no submodule %s", f.Root, f.submodule())
	}
	if kind != "" && !slices.Contains([]Kind{Backend, Frontend, Generic}, kind) {
		return Layout{}, problem.New(problem.Usage, "use -kind=backend, -kind=frontend or -kind=generic",
			"reading -kind: unknown kind %q", kind)
	}
	l := Layout{Kind: kind, Submodule: f.submodule(), Service: serviceName(f), Image: imageName(f)}
	if kind == "" {
		l.Kind = detectKind(f)
	}
	l.Private = otherRemote(f)
	l.builds = f.declarations().Builds()
	l.Unread = f.unread()
	detectComponents(f, &l)
	l.Environments = detectEnvironments(f, l)
	l.Conflicts = f.conflicts(l)
	return l, nil
}

// publicRemote is the address of astrago-ci that everyone can read.
var publicRemote = regexp.MustCompile(`(?m)^\s*url\s*=\s*https://github\.com/xiilab/astrago-ci(?:\.git)?\s*$`)

// otherRemote reports whether .gitmodules names another remote than the public one.
func otherRemote(f Facts) bool {
	text := f.readFile(".gitmodules")
	return text != "" && strings.Contains(text, "path = "+f.submodule()) && !publicRemote.MatchString(text)
}

func detectKind(f Facts) Kind {
	switch {
	case f.hasBase("settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts", "pom.xml"):
		return Backend
	case f.hasBase("package.json"):
		return Frontend
	}
	return Generic
}

// serviceName is the repository's name, or the folder's where there is no remote.
func serviceName(f Facts) string {
	if f.Repository != "" {
		return word(path.Base(f.Repository))
	}
	return word(path.Base(strings.ReplaceAll(f.Root, `\`, "/")))
}

// whichImage stands where only a person knows the value, like those of environments.
const whichImage = "<the images' repository, e.g. ghcr.io/acme/shop>"

// imageName returns the name under which GitHub keeps a repository's images.
func imageName(f Facts) string {
	if !strings.HasPrefix(f.URL, "https://github.com/") {
		return whichImage
	}
	owner, name, _ := strings.Cut(strings.ToLower(f.Repository), "/")
	if !imagePart.MatchString(name) {
		name = word(name)
	}
	return "ghcr.io/" + owner + "/" + name
}

// imagePart is a part of an image's name in the grammar of the distribution specification.
var imagePart = regexp.MustCompile(`^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$`)

// word turns a name into one that services, components and images may have.
func word(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		letter := 'a' <= r && r <= 'z' || '0' <= r && r <= '9'
		switch {
		case letter:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	if clean := strings.TrimRight(b.String(), "-"); clean != "" {
		return clean
	}
	return "app"
}

// ownFiles are the files that are the application's: not those of ci/ and of what others have written.
func (f Facts) ownFiles() []string {
	return slices.DeleteFunc(slices.Clone(f.Files), func(name string) bool {
		for element := range strings.SplitSeq(path.Dir(name), "/") {
			if element == "node_modules" || element == "vendor" {
				return true
			}
		}
		return name == f.submodule() || strings.HasPrefix(name, f.submodule()+"/")
	})
}

// submodule is the path of astrago-ci.
func (f Facts) submodule() string { return cmp.Or(f.Submodule, "ci") }

func (f Facts) hasFile(name string) bool {
	_, found := slices.BinarySearch(f.Files, name)
	return found
}

// hasBase reports whether a file of one of these names is anywhere.
func (f Facts) hasBase(names ...string) bool {
	return slices.ContainsFunc(f.ownFiles(), func(name string) bool { return slices.Contains(names, path.Base(name)) })
}

// readFile returns a file's content, empty where it cannot be read.
func (f Facts) readFile(name string) string { return declared.Read(f.Tree, name) }

// declarations returns the repository with the declarations of its builds.
func (f Facts) declarations() declared.Repository {
	return declared.Repository{Tree: f.Tree, Files: f.ownFiles(), Name: f.Repository, BakeJSON: f.Bake.JSON}
}
