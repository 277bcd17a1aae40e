package declared

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// unresolved stands in a text for what is known only when the build runs.
const unresolved = "\x00"

// shellReference is a variable of a shell, of Compose and of Bake: $NAME, ${NAME}, ${NAME:-default}; $(…) is a command, or a
// variable of make.
var shellReference = regexp.MustCompile(`\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^{}$]*)|[:/#%?^,+-][^{}]*)?\}|` +
	`\$([A-Za-z_][A-Za-z0-9_]*)|\$\(([^()]*)\)`)

// expand puts the values of variables in their places, and unresolved where there is none.
func expand(text string, values map[string]string) string {
	e := expansion{values: values, left: maxExpanded}
	return e.expand(text, maxDepth)
}

// maxExpanded bounds what a text and the values that it refers to have together, in bytes: some refer to others many times over.
const maxExpanded = maxFile / 16

// expansion is the state of expanding one text.
type expansion struct {
	values map[string]string
	left   int // bytes that may still be read
}

func (e *expansion) expand(text string, depth int) string {
	if e.left -= len(text) + 1; e.left < 0 || depth == 0 {
		return unresolved
	}
	return shellReference.ReplaceAllStringFunc(text, func(use string) string {
		match := shellReference.FindStringSubmatch(use)
		name := match[1] + match[3] + strings.TrimSpace(match[4])
		value, known := e.values[name]
		whole := strings.TrimPrefix(strings.TrimSuffix(use, "}"), "${") == name || match[1] == ""
		switch {
		case use == "$$":
			return "$"
		case known && (value != "" || !strings.Contains(use, ":-")) && (whole || strings.Contains(use, "-"+match[2])):
			return e.expand(value, depth-1)
		case match[2] != "" || strings.HasSuffix(use, "-}"):
			return match[2]
		}
		return unresolved
	})
}

// environmentFile is a line of a file .env.
var environmentFile = regexp.MustCompile(`(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*?)[ \t\r]*$`)

// environment returns the variables of the files .env that Compose reads for a file in a directory. One that git ignores is not
// read: what it holds, keys above all, is for this machine, and what is found here is proposed for a commit.
func (r Repository) environment(dir string) map[string]string {
	values := map[string]string{}
	for _, at := range []string{".", dir} {
		name := path.Join(at, ".env")
		if !slices.Contains(r.Files, name) {
			continue
		}
		for _, match := range environmentFile.FindAllStringSubmatch(r.read(name), -1) {
			values[match[1]] = unquote(match[2])
		}
	}
	return values
}

// unquote removes the quotes around a value, or the comment behind it.
func unquote(value string) string {
	if len(value) > 1 && (value[0] == '"' || value[0] == '\'') {
		if end := strings.IndexByte(value[1:], value[0]); end >= 0 {
			return value[1 : end+1]
		}
	}
	value, _, _ = strings.Cut(value, " #")
	return strings.TrimSpace(value)
}

// with returns values with more of them, which win.
func with(values, more map[string]string) map[string]string {
	all := maps.Clone(values)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, more)
	return all
}
