package worktree

import (
	"path"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

// anyName stands for whatever a submodule would have.
const anyName = "any-name-of-it"

// possibleNames returns the path of a file of the index, or of a submodule, of which the files are not known, paths of files below it
// that a filter may tell from the others: each pattern that leads below it has an example. So has one that leads through a link, which
// need not be there to be followed.
func possibleNames(file git.Indexed, f Filter) []string {
	names := []string{file.Path}
	switch file.Mode {
	case git.ModeSubmodule:
		names[0] += "/" + anyName
	case git.ModeLink:
	default:
		return names
	}
	depth := strings.Count(file.Path, "/") + 1
	for _, pattern := range slices.Concat(f.Include, f.Exclude) {
		pattern = strings.Trim(path.Clean(strings.TrimPrefix(strings.TrimSpace(pattern), "!")), "/")
		steps := strings.Split(pattern, "/")
		first, last := depth, depth
		if strings.Contains(pattern, "**") { // they stand for any number of directories
			first, last = 0, len(steps)-1
		}
		for i := first; i <= last && i < len(steps); i++ {
			names = append(names, file.Path+"/"+exampleOf(path.Join(steps[i:]...)))
		}
	}
	slices.Sort(names[1:])
	return slices.Compact(names)
}

// exampleOf returns a path that matches a pattern of .dockerignore.
func exampleOf(pattern string) string {
	var example strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			if !strings.HasSuffix(example.String(), anyName) {
				example.WriteString(anyName)
			}
		case '?':
			example.WriteByte('x')
		case '[':
			length := strings.IndexByte(pattern[i:], ']')
			example.WriteString(memberOf(pattern[i+1 : i+max(length, 1)]))
			i += max(length, 0)
		case '\\':
			if i++; i < len(pattern) {
				example.WriteByte(pattern[i])
			}
		default:
			example.WriteByte(c)
		}
	}
	return example.String()
}

// memberOf returns a character of a set, which is the text between brackets.
func memberOf(set string) string {
	for _, c := range strings.TrimPrefix(set, `^`) {
		if c != '\\' && set[0] != '^' {
			return string(c)
		}
	}
	return "~"
}
