package rendercheck

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// shownErrors is the number of lines that are shown of a renderer's errors.
const shownErrors = 8

// placeOf matches the renderers' names of a line of a file, with or without line and column.
var placeOf = regexp.MustCompile(`[\w./-]+\.(?:ya?ml|tpl|gotmpl|json|txt|toml|lock)(?::\d{1,6}){0,2}`)

// shownReasons are error messages of helm, helmfile and their template language. The rest of such a line, for example the message of a
// chart's `fail` or the value that does not parse, may be anything that a renderer could read, and is not shown.
var shownReasons = []string{
	"execution error at", "parse error at", "YAML parse error", "error converting YAML to JSON", "nil pointer evaluating",
	"can't evaluate field", "function not defined", "no template", "undefined variable", "wrong type for value",
	"wrong number of args", "error calling include", "error calling tpl", "error calling required", "error calling fail",
	"error calling index", "error calling lookup", "unexpected EOF", "unexpected", "bad character", "unclosed action",
	"mapping values are not allowed", "did not find expected key", "could not find expected",
	"found character that cannot start any token", "values don't meet the specifications of the schema",
	"missing in charts/ directory", "lock file", "is out of sync", "chart requires kubeVersion", "Chart.yaml file is missing",
	"no such file or directory", "no matches for kind", "apiVersion", "not found", "no repository definition",
	"no cached repo found", "connection refused", "no such host", "certificate", "timed out", "deadline exceeded",
	"unauthorized", "forbidden", "status code 4", "status code 5", "failed processing release",
	"failed to render values files", "environment", "is not defined", "no releases found", "failed to read", "failed to load",
	"in duplicate", "HELMFILE_DISABLE_INSECURE_FEATURES", "HELMFILE_DISABLE_HOOKS", "insecure function calls are disabled",
	"hooks are disabled", "remote sources are disabled", "unknown command", "unknown flag", "unknown shorthand flag",
	"permission denied", "command not found", "Plugin", "plugin",
}

// errorExcerpt returns what a renderer's errors say of files and releases of the repository, and which of the known reasons they
// give. Nothing else of them is shown: a template chooses its words, and may have read secrets.
func (t *tree) errorExcerpt(stderr string) string {
	files, releases := t.listNames()
	var lines []string
	for line := range strings.Lines(strings.ReplaceAll(stderr, t.dir+"/", "")) {
		shown := shownOf(line, files, releases)
		if shown != "" && !slices.Contains(lines, "\n  "+shown) && len(lines) < shownErrors {
			lines = append(lines, "\n  "+shown)
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return ":" + strings.Join(lines, "")
}

// shownOf is one line of an excerpt: at most one place, the known reasons in their own order, at most one release.
func shownOf(line string, files []string, releases map[string]bool) string {
	var parts []string
	for _, found := range placeOf.FindAllString(line, -1) {
		if name, _, _ := strings.Cut(found, ":"); len(parts) == 0 && isFile(files, name) {
			parts = append(parts, found)
		}
	}
	var known []string
	for _, reason := range shownReasons {
		longer := func(other string) bool { return strings.Contains(other, reason) }
		if strings.Contains(line, reason) && !slices.ContainsFunc(known, longer) {
			known = append(known, reason)
		}
	}
	for release := range releases {
		if strings.Contains(line, "failed processing release "+release+":") {
			known = slices.Insert(known, 0, "failed processing release "+release)
			known = slices.DeleteFunc(known, func(reason string) bool { return reason == "failed processing release" })
		}
	}
	if len(known) > 0 {
		parts = append(parts, strings.Join(known, ", "))
	}
	return strings.Join(parts, ": ")
}

// isFile reports whether a renderer may mean one of the repository's files by a name: a chart's templates are named from the
// chart's own name on.
func isFile(files []string, name string) bool {
	_, below, _ := strings.Cut(name, "/")
	return slices.ContainsFunc(files, func(file string) bool {
		return file == name || strings.HasSuffix(file, "/"+name) || below != "" && strings.HasSuffix(file, "/"+below)
	})
}

// releaseName matches a release's name in a helmfile.
var releaseName = regexp.MustCompile(`(?m)^\s*(?:-\s+)?name:\s*["']?([\w.-]+)["']?\s*$`)

// listNames returns the repository's files, and the releases of its helmfiles.
func (t *tree) listNames() (files []string, releases map[string]bool) {
	releases = map[string]bool{}
	// What cannot be read was not rendered either.
	_ = fs.WalkDir(t.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil //nolint:nilerr // as above
		}
		files = append(files, name)
		if strings.HasPrefix(path.Base(name), "helmfile") {
			if data, err := fs.ReadFile(t.root.FS(), name); err == nil {
				for _, m := range releaseName.FindAllStringSubmatch(string(data), -1) {
					releases[m[1]] = true
				}
			}
		}
		return nil
	})
	return files, releases
}
