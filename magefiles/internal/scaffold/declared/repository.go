package declared

import (
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/bounded"
)

// Bounds of what is read of a repository.
const (
	maxFile     = 1 << 20 // bytes of a file
	maxFiles    = 400     // of one kind
	maxBuilds   = 400     // of a file
	maxDepth    = 16      // of values that refer to others
	maxCombined = 256     // jobs of a matrix
)

// Repository is a repository whose builds are looked for.
type Repository struct {
	Tree     fs.FS
	Files    []string // slash-separated, sorted
	Name     string   // owner/name on the forge; empty where it is on none
	BakeJSON []byte   // its Bake files as `docker buildx bake --print` evaluates them; empty where it has not
}

// Read returns the content of a regular file, empty where it is missing, no such file, or larger than a person writes.
func Read(tree fs.FS, name string) string {
	info, err := fs.Stat(tree, name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxFile {
		return ""
	}
	file, err := tree.Open(name)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	data, err := bounded.ReadAll(file, maxFile)
	if err != nil {
		return ""
	}
	return string(data)
}

func (r Repository) read(name string) string { return Read(r.Tree, name) }

// files returns those whose base names match.
func (r Repository) files(names *regexp.Regexp) (found []string) {
	for _, name := range r.Files {
		if names.MatchString(path.Base(name)) && len(found) < maxFiles {
			found = append(found, name)
		}
	}
	return found
}

// Builds returns all builds that the repository's files declare.
func (r Repository) Builds() (all []Build) {
	for _, read := range []func() []Build{
		r.workflowBuilds, r.bakeBuilds, r.skaffoldBuilds, r.composeBuilds, r.scriptBuilds, r.mavenBuilds,
	} {
		all = append(all, read()...)
	}
	return all
}

// developmentWords matches names of files and directories whose builds are not deployed.
var developmentWords = regexp.MustCompile(`(?i)(?:^|[-_.])(?:dev|devel|develop|development|devcontainer|test|tests|testing|e2e|ci|` +
	`debug|local|override|integration|snapshots|cypress|playwright|examples?|samples?|hack|pr|preview|nightly|old)(?:$|[-_.])`)

// isDevelopment reports whether a file is for development or tests, by its path.
func isDevelopment(name string) bool {
	for element := range strings.SplitSeq(name, "/") {
		if developmentWords.MatchString(element) {
			return true
		}
	}
	return false
}

// trialWords are those of workflows whose images are for a test, or for people who try a proposal.
var trialWords = regexp.MustCompile(`(?i)(?:^|[-_.])(?:test|tests|e2e|pr|preview|nightly|feature|deprecate|deprecated|` +
	`benchmark)(?:$|[-_.])`)
