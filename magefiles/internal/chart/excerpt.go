package chart

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

const (
	shownErrors  = 8       // lines of a renderer's errors that are told
	largestYAML  = 1 << 20 // bytes of a file whose values are looked for
	longestError = 400     // characters of a line
)

var (
	tellsError = regexp.MustCompile(`(?i)error|fail|missing|cannot|unable|required|not found`)
	warning    = regexp.MustCompile(`(?i)\bwarning\b|coalesce\.go|\bARGS\b`)
	dump       = regexp.MustCompile(`map\[.*`) // Go's print of a values map
	release    = regexp.MustCompile(`(?m)^\s*(?:-\s+)?name:\s*["']?([\w.-]+)["']?\s*$`)
	assignment = regexp.MustCompile(`^\s*(?:-\s+)?(?:["']?([\w./-]+)["']?\s*:)?\s*(.*?)\s*$`)
)

// excerpt gives the lines of a renderer's errors that say what is wrong, with every value of the repository's YAML files
// masked: renderers quote what they stumble over.
func (t *tree) excerpt(stderr string) string {
	redact := report.NewRedactor(t.values())
	var lines []string
	told := false // an indented line goes on with the one before
	for line := range strings.Lines(strings.ReplaceAll(stderr, t.dir+"/", "")) {
		told = (told && strings.HasPrefix(line, " ") || tellsError.MatchString(line)) && !warning.MatchString(line)
		if line = strings.TrimSpace(line); !told || line == "" {
			continue
		}
		line = redact.String(dump.ReplaceAllString(line, "map[…]"))
		if runes := []rune(line); len(runes) > longestError {
			line = string(runes[:longestError]) + "…"
		}
		if !slices.Contains(lines, "\n  "+line) && len(lines) < shownErrors {
			lines = append(lines, "\n  "+line)
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return ":" + strings.Join(lines, "")
}

// values are the scalars of all YAML files and templates of them. Names of keys and files stay readable: an error without
// them tells nothing.
func (t *tree) values() []string {
	values, names := map[string]bool{}, map[string]bool{}
	// What cannot be read was not rendered either.
	_ = fs.WalkDir(t.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil {
			t.gather(name, entry, values, names)
		}
		return nil
	})
	var secret []string
	for value := range values {
		if !names[value] {
			secret = append(secret, value)
		}
	}
	return secret
}

func (t *tree) gather(name string, entry fs.DirEntry, values, names map[string]bool) {
	base := entry.Name()
	names[base], names[strings.TrimSuffix(base, path.Ext(base))] = true, true
	info, err := entry.Info()
	if err != nil || !info.Mode().IsRegular() || info.Size() > largestYAML || !holdsValues(base) {
		return
	}
	data, err := fs.ReadFile(t.root.FS(), name)
	if err != nil {
		return
	}
	scalars(data, values, names)
	if strings.HasPrefix(base, "helmfile") {
		for _, m := range release.FindAllStringSubmatch(string(data), -1) {
			names[m[1]] = true // an error tells which one it is about
		}
	}
}

func holdsValues(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".gotmpl", ".json", ".env"}, path.Ext(name))
}

// scalars takes a file line by line, because a template is no YAML, and as YAML where it is, because a value may be
// escaped or go over several lines.
func scalars(data []byte, values, names map[string]bool) {
	for line := range strings.Lines(string(data)) {
		m := assignment.FindStringSubmatch(line)
		names[m[1]] = true
		value, _, _ := strings.Cut(m[2], " #")
		if !strings.Contains(value, "{{") {
			values[strings.Trim(strings.TrimSpace(value), `"'`)] = true
		}
	}
	var document any
	if yaml.Unmarshal(data, &document) == nil {
		leaves(document, values, names)
	}
}

func leaves(node any, values, names map[string]bool) {
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			names[key] = true
			leaves(value, values, names)
		}
	case []any:
		for _, item := range node {
			leaves(item, values, names)
		}
	case string:
		for _, word := range append(strings.Fields(node), node) {
			values[word] = true
		}
	}
}
