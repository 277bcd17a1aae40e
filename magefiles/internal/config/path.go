package config

import (
	"path"
	"regexp"
	"strings"
	"unicode"
)

var drive = regexp.MustCompile(`^[A-Za-z]:`)

// checkDirectory wants a slash-separated path below the root of a repository, or "." for the root itself. It is cleaned, but
// may not climb: `a/../b` means something else where `a` is a link.
func checkDirectory(s string) (string, *flaw) {
	switch {
	case strings.Contains(s, `\`):
		return "", flawf("write `"+strings.ReplaceAll(s, `\`, "/")+"`", "is %q, but paths are separated by `/` on every system", s)
	case path.IsAbs(s), drive.MatchString(s), strings.HasPrefix(s, "~"):
		return "", flawf("write it relative to the root of the repository", "is the absolute path %q", s)
	case strings.ContainsFunc(s, unicode.IsControl), s != strings.TrimSpace(s):
		return "", flawf("remove them", "is %q, which has control characters or outer spaces", s)
	}
	for element := range strings.SplitSeq(s, "/") {
		if element == ".." {
			return "", flawf("move the file into the repository", "is %q, which leaves the repository with `..`", s)
		}
	}
	return path.Clean(s), nil
}

// checkFilePath wants the path of a file below the root of a repository.
func checkFilePath(s string) (string, *flaw) {
	if strings.HasSuffix(s, "/") || path.Base(s) == "." {
		return "", flawf("name a file in it", "is the directory %q", s)
	}
	return checkDirectory(s)
}
