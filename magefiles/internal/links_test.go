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

// reference is a link of a document to a file of this repository.
type reference struct {
	text, file, fragment string
}

// references are the links of a document that lead to files of this repository.
func references(name, text string) (all []reference) {
	for _, match := range link.FindAllStringSubmatch(span.ReplaceAllString(text, ""), -1) {
		if strings.Contains(match[1], "://") || strings.HasPrefix(match[1], "mailto:") {
			continue
		}
		path, fragment, _ := strings.Cut(match[1], "#")
		file := name
		if path != "" {
			file = filepath.ToSlash(filepath.Join(filepath.Dir(name), path))
		}
		all = append(all, reference{match[1], file, fragment})
	}
	return all
}

// TestLinksLeadSomewhere follows the links of every document to files of this repository and to headings. A Korean page leads to
// Korean pages, where there are any, but for its own English one.
func TestLinksLeadSomewhere(t *testing.T) {
	all := documents(t)
	links := 0
	for name, text := range all {
		for _, to := range references(name, text) {
			links++
			if _, err := os.Stat(filepath.Join("..", "..", to.file)); err != nil {
				t.Errorf("%s links %s, which is not there", name, to.text)
			} else if to.fragment != "" && !slices.Contains(anchors(all[to.file]), to.fragment) {
				t.Errorf("%s links %s, which is no heading", name, to.text)
			}
			english, isKorean := strings.CutSuffix(name, ".ko.md")
			if _, ok := all[strings.TrimSuffix(to.file, ".md")+".ko.md"]; isKorean && ok && to.file != english+".md" {
				t.Errorf("%s links %s, which is there in Korean", name, to.text)
			}
		}
	}
	if links < 100 {
		t.Errorf("%d links were followed", links)
	}
}

// TestHeadingsDiffer keeps the anchors of a page apart: GitHub numbers those that repeat.
func TestHeadingsDiffer(t *testing.T) {
	for name, text := range documents(t) {
		if name == "CHANGELOG.md" {
			continue
		}
		seen := map[string]bool{}
		for _, anchor := range anchors(text) {
			if seen[anchor] {
				t.Errorf("%s has two headings #%s", name, anchor)
			}
			seen[anchor] = true
		}
	}
}

// TestEveryPageIsFound follows links from each README: what is written for users is found from there, in the same language.
func TestEveryPageIsFound(t *testing.T) {
	all := documents(t)
	for _, suffix := range []string{".md", ".ko.md"} {
		found := map[string]bool{}
		for open := []string{"README" + suffix}; len(open) > 0; open = open[1:] {
			name := open[0]
			if found[name] || strings.HasSuffix(name, ".ko.md") != (suffix == ".ko.md") {
				continue
			}
			found[name] = true
			for _, to := range references(name, all[name]) {
				open = append(open, to.file)
			}
		}
		for name := range all {
			if strings.HasPrefix(name, "docs/") && strings.HasSuffix(name, ".ko.md") == (suffix == ".ko.md") && !found[name] {
				t.Errorf("no link leads from README%s to %s", suffix, name)
			}
		}
	}
}

// named is a document that a message, a comment or a file for application repositories names, and its heading.
var named = regexp.MustCompile(`ci/((?:docs/)?[A-Za-z-]+\.md)(?:, \\?"([^"\\]+)\\?")?`)

// TestNamedDocumentsExist holds what the code says of ci/docs/ against the documents.
func TestNamedDocumentsExist(t *testing.T) {
	all := documents(t)
	names := 0
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{".git", ".astrago"}, entry.Name()) {
			return filepath.SkipDir
		}
		if !slices.Contains([]string{".go", ".yaml", ".yml", ".golden"}, filepath.Ext(path)) || entry.Name() == "mage_output_file.go" {
			return nil // mage's file is there only while another test compiles targets
		}
		data, err := os.ReadFile(path)
		for _, match := range named.FindAllStringSubmatch(string(data), -1) {
			names++
			text, ok := all[match[1]]
			anchor := anchors("# " + match[2])[0]
			if !ok || match[2] != "" && !slices.Contains(anchors(text), anchor) {
				t.Errorf("%s names %q, which is not there", path, match[0])
			}
		}
		return err
	})
	if err != nil || names < 5 {
		t.Errorf("%d documents are named: %v", names, err)
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
