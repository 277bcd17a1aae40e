package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityNamesTests holds SECURITY.md against the tests that it says prove it, and each promise against having one.
func TestSecurityNamesTests(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "SECURITY.md"))
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	declaration := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	for _, root := range []string{".", filepath.Join("..", "targets")} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			for _, match := range declaration.FindAllStringSubmatch(string(source), -1) {
				declared[match[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	names := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
	for _, match := range names.FindAllStringSubmatch(string(text), -1) {
		if !declared[match[1]] {
			t.Errorf("SECURITY.md names %s, which is no test", match[1])
		}
	}
	_, promises, _ := strings.Cut(string(text), "## Promises")
	promises, _, _ = strings.Cut(promises, "\n## ")
	rows := 0
	for line := range strings.Lines(promises) {
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| actor") {
			if rows++; !names.MatchString(line) {
				t.Errorf("a promise without a test: %s", line)
			}
		}
	}
	if rows < 10 {
		t.Errorf("%d promises were read", rows)
	}
}
