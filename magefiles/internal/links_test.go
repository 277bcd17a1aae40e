package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	fence   = regexp.MustCompile("(?ms)^ *```.*?\n *```$")
	span    = regexp.MustCompile("`[^`\n]*`")
)

// documents are the Markdown files of this repository, from its root, with their content outside of code.
func documents(t *testing.T) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..")
	all := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{".git", ".astrago", "testdata"}, entry.Name()) {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		data, err := os.ReadFile(path)
		all[filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))] = fence.ReplaceAllString(string(data), "")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// anchors are the fragments of a document's headings, as GitHub makes them.
func anchors(text string) (all []string) {
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', unicode.IsLetter(r), unicode.IsNumber(r):
				return unicode.ToLower(r)
			}
			return -1
		}, match[1]))
	}
	return all
}

// TestLinksLeadSomewhere follows the links of every document to files of this repository and to headings.
func TestLinksLeadSomewhere(t *testing.T) {
	all := documents(t)
	links := 0
	for name, text := range all {
		for _, match := range link.FindAllStringSubmatch(span.ReplaceAllString(text, ""), -1) {
			if strings.Contains(match[1], "://") || strings.HasPrefix(match[1], "mailto:") {
				continue
			}
			links++
			path, fragment, _ := strings.Cut(match[1], "#")
			target := name
			if path != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(name), path))
			}
			if _, err := os.Stat(filepath.Join("..", "..", target)); err != nil {
				t.Errorf("%s links %s, which is not there", name, match[1])
			} else if fragment != "" && !slices.Contains(anchors(all[target]), fragment) {
				t.Errorf("%s links %s, which is no heading", name, match[1])
			}
		}
	}
	if links < 50 {
		t.Errorf("%d links were followed", links)
	}
}

// TestArchitectureNamesEveryRoom keeps the list of packages in docs/architecture.md whole.
func TestArchitectureNamesEveryRoom(t *testing.T) {
	text := documents(t)["docs/architecture.md"]
	dirs, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		if dir.IsDir() && !strings.Contains(text, "["+dir.Name()+"](../magefiles/internal/"+dir.Name()+")") {
			t.Errorf("docs/architecture.md does not say what package %s does", dir.Name())
		}
	}
}
