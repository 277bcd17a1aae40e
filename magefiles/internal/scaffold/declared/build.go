// Package declared reads which image builds the files of a repository declare: Compose, Bake and Skaffold files, workflows, and
// lines of scripts. What it reads was written by others: files are bounded, nothing is run, and what cannot be evaluated
// without running it is left out rather than guessed.
package declared

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// Kind is the kind of the file that declares a build.
type Kind string

// The kinds, those that count most first.
const (
	Workflow Kind = "workflow" // that pushes the image
	Bake     Kind = "bake"
	Skaffold Kind = "skaffold"
	Compose  Kind = "compose"
	Check    Kind = "check"  // a workflow that builds and does not push
	Script   Kind = "script" // a line of a script, a Makefile or a pom.xml
)

// Place is a line of a file.
type Place struct {
	File string // slash-separated, relative to the root
	Line int
}

func (p Place) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// Argument is a build argument.
type Argument struct {
	Value string
	Known bool // Value is all of it; otherwise it is computed when the build runs
}

// Triggers are the events that start a workflow.
type Triggers struct {
	Branches []string // patterns of those whose pushes and pull requests do
	Tags     []string // patterns
	Pushed   bool     // a push to any branch that Branches name, or to each where there is none
}

// Build is one image build that a file declares.
type Build struct {
	Place
	Kind        Kind
	Development bool // the file is for development or tests
	Pushes      bool // to where its images are called after
	Triggers    Triggers

	Name       string // of the service, target or artifact; empty where the file gives none
	Context    string // slash-separated, relative to the root
	Dockerfile string // the same
	Target     string
	Args       map[string]Argument
	Contexts   map[string]string // named contexts that are directories of the repository, or images
	Images     []string          // what it is called, without tags, as far as that is known whole
	Unknown    []string          // what it is called where that is known in part
}

// key is equal for builds that differ only in what their images are called and for what platform they are.
func (b Build) key() string {
	args := make([]string, 0, len(b.Args))
	for _, name := range slices.Sorted(maps.Keys(b.Args)) {
		args = append(args, name+"="+b.Args[name].Value)
	}
	return strings.Join([]string{b.File, string(b.Kind), b.Name, b.Context, b.Dockerfile, b.Target, strings.Join(args, "\x00")}, "\x01")
}

// merge puts builds of one file that differ only in their images into one.
func merge(builds []Build) (merged []Build) {
	at := map[string]int{}
	for _, b := range builds {
		i, seen := at[b.key()]
		if !seen {
			at[b.key()] = len(merged)
			merged = append(merged, b)
			continue
		}
		into := &merged[i]
		into.Images = appendNew(into.Images, b.Images...)
		into.Unknown = appendNew(into.Unknown, b.Unknown...)
	}
	return merged
}

func appendNew(list []string, more ...string) []string {
	for _, item := range more {
		if !slices.Contains(list, item) {
			list = append(list, item)
		}
	}
	return list
}

// within returns a path of a file or directory below the root, and false for what lies outside, or is no path at all.
func within(elements ...string) (string, bool) {
	last := elements[len(elements)-1]
	if strings.Contains(last, "://") || strings.HasPrefix(last, "git@") || path.IsAbs(last) || strings.ContainsAny(last, "\x00\n\\") {
		return "", false
	}
	joined := path.Join(elements...)
	if joined == "" {
		joined = "."
	}
	return joined, joined != ".." && !strings.HasPrefix(joined, "../")
}

// addImage notes what an image is called: without its tag where the name is known whole.
func (b *Build) addImage(reference string) {
	reference = strings.TrimSpace(reference)
	repository := imageref.Split(reference).Name
	switch {
	case repository == "":
	case strings.Contains(repository, unresolved):
		b.Unknown = appendNew(b.Unknown, reference)
	case strings.Contains(repository, "/"): // other names are for this machine only
		b.Images = appendNew(b.Images, repository)
	}
}
