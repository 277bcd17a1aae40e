package grammar

import (
	"path"
	"regexp"
	"strings"
	"unicode"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

var windowsDrive = regexp.MustCompile(`^[A-Za-z]:`)

// checkDirectory wants a slash-separated path below the root of a repository, or "." for the root itself. It is cleaned, but
// may not climb: `a/../b` means something else where `a` is a link.
func checkDirectory(s string) (string, *yamlschema.Flaw) {
	switch {
	case strings.Contains(s, `\`):
		return "", yamlschema.Flawf("write `"+strings.ReplaceAll(s, `\`, "/")+"`", "is %q, but paths are separated by `/` on every system",
			s)
	case path.IsAbs(s), windowsDrive.MatchString(s), strings.HasPrefix(s, "~"):
		return "", yamlschema.Flawf("write it relative to the root of the repository", "is the absolute path %q", s)
	case strings.ContainsFunc(s, unicode.IsControl), s != strings.TrimSpace(s):
		return "", yamlschema.Flawf("remove them", "is %q, which has control characters or outer spaces", s)
	}
	for element := range strings.SplitSeq(s, "/") {
		if element == ".." {
			return "", yamlschema.Flawf("move the file into the repository", "is %q, which leaves the repository with `..`", s)
		}
	}
	return path.Clean(s), nil
}

// checkFilePath wants the path of a file below the root of a repository.
func checkFilePath(s string) (string, *yamlschema.Flaw) {
	if strings.HasSuffix(s, "/") || path.Base(s) == "." {
		return "", yamlschema.Flawf("name a file in it", "is the directory %q", s)
	}
	return checkDirectory(s)
}

// checkPattern wants a pattern of paths below the root of the repository, in the syntax of .dockerignore: `**` crosses slashes, a
// directory means all below it, and `!` takes out what an earlier pattern took in.
func checkPattern(s string) (string, *yamlschema.Flaw) {
	not, pattern := "", s
	if rest, ok := strings.CutPrefix(s, "!"); ok {
		not, pattern = "!", rest
	}
	pattern, f := checkDirectory(pattern)
	if f != nil {
		return "", f
	}
	if _, err := path.Match(pattern, ""); err != nil { // .dockerignore's syntax is this one and `**`
		return "", yamlschema.Flawf("write e.g. src/**, **/*.gradle or pom.xml", "is the pattern %q, which does not parse: %v", s, err)
	}
	return not + pattern, nil
}
