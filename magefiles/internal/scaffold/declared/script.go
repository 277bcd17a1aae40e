package declared

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	scriptNames  = regexp.MustCompile(`^(?:Makefile|makefile|GNUmakefile|package\.json|.+\.sh|[Jj]ustfile|Taskfile\.ya?ml)$`)
	makeVariable = regexp.MustCompile(`(?m)^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*(?:\?|:{1,2})?=[ \t]*([^\n]*?)[ \t\r]*$`)
)

// scriptBuilds are lines of Makefiles, of package.json at the root, and of shell scripts that build images.
func (r Repository) scriptBuilds() (all []Build) {
	for _, name := range r.files(scriptNames) {
		base, depth := path.Base(name), strings.Count(name, "/")
		if depth > 2 || base == "package.json" && depth > 0 {
			continue
		}
		content := r.read(name)
		if !strings.Contains(content, "build") {
			continue
		}
		var builds []Build
		switch {
		case base == "package.json":
			builds = manifestBuilds(content)
		case strings.HasSuffix(base, ".sh"):
			builds = shellBuilds(content, path.Dir(name), r)
		default:
			builds = makeBuilds(content, path.Dir(name))
		}
		for i := range builds {
			b := &builds[i]
			b.Kind, b.File, b.Development = Script, name, b.Development || isDevelopment(path.Dir(name))
		}
		all = append(all, merge(builds)...)
	}
	return all
}

// manifestBuilds are the scripts of a package.json.
func manifestBuilds(content string) (all []Build) {
	var manifest struct{ Scripts map[string]string }
	if json.Unmarshal([]byte(content), &manifest) != nil {
		return nil
	}
	names := make([]string, 0, len(manifest.Scripts))
	for name := range manifest.Scripts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, b := range commandBuilds(manifest.Scripts[name], ".", nil) {
			b.Line = lineOf(content, `"`+name+`":`)
			b.Development = isDevelopment(name)
			all = append(all, b)
		}
	}
	return all
}

// shellBuilds are those of a script, which runs at the root or in its own folder: whichever has the Dockerfile.
func shellBuilds(content, dir string, r Repository) []Build {
	var found []Build
	for _, at := range []string{".", dir} {
		for _, b := range commandBuilds(content, at, nil) {
			if r.read(b.Dockerfile) != "" {
				found = append(found, b)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	return found
}

// makeBuilds are the recipes of a Makefile.
func makeBuilds(content, dir string) (all []Build) {
	values := map[string]string{}
	for _, match := range makeVariable.FindAllStringSubmatch(content, maxBuilds) {
		if _, set := values[match[1]]; !set {
			values[match[1]] = match[2]
		}
	}
	for name, value := range values {
		values[name] = expandMake(value, values)
	}
	for _, line := range logicalLines(content) {
		if !strings.HasPrefix(line.text, "\t") {
			continue
		}
		recipe := strings.TrimLeft(line.text, "\t @-+")
		for _, b := range commandBuilds(expandMake(recipe, values), dir, nil) {
			b.Line = line.number
			all = append(all, b)
		}
	}
	return all
}

var makeReference = regexp.MustCompile(`\$[({]([A-Za-z_][A-Za-z0-9_]*)[)}]`)

// expandMake puts the values of make's variables in their places. Functions are not evaluated.
func expandMake(text string, values map[string]string) string {
	for range 3 {
		text = makeReference.ReplaceAllStringFunc(text, func(use string) string {
			value, ok := values[makeReference.FindStringSubmatch(use)[1]]
			if ok && len(text) < maxFile/16 && !strings.Contains(value, "$(shell") {
				return value
			}
			return use
		})
	}
	return text
}
