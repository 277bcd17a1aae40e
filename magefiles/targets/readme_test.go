package targets_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

// The pages that tests read a table or a block of.
const (
	readmePage        = "README.md"
	configurationPage = "docs/configuration.md"
	workflowPage      = "docs/workflow.md"
	operationsPage    = "docs/operations.md"
	migrationPage     = "docs/migration.md"
)

// block matches a fenced block of a document with its language.
var block = regexp.MustCompile("(?s)```([a-z]*)\n(.*?)```")

// comment is dropped before two languages are compared: only comments are translated.
var comment = regexp.MustCompile(`(?m)\s*#.*$`)

// guides are the documents for people, by their path from the root: the README, and all of docs/ but for the Korean pages.
func guides(t *testing.T) []string {
	t.Helper()
	all := []string{readmePage, "CONTRIBUTING.md"}
	err := filepath.WalkDir(filepath.Join("..", "..", "docs"), func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".md") && !strings.HasSuffix(path, ".ko.md") {
			all = append(all, strings.TrimPrefix(path, filepath.Join("..", "..")+string(filepath.Separator)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// guide is a document's text.
func guide(t *testing.T, name string) string {
	t.Helper()
	return readFile(t, filepath.Join("..", "..", name))
}

// inBoth is the path of a page and that of its Korean twin.
func inBoth(name string) []string { return []string{name, strings.TrimSuffix(name, ".md") + ".ko.md"} }

// korean is the page that says the same, empty where there is none: contributors read English.
func korean(name string) string {
	other := inBoth(name)[1]
	if _, err := os.Stat(filepath.Join("..", "..", other)); err != nil {
		return ""
	}
	return other
}

func blocks(t *testing.T, name string) []string {
	t.Helper()
	var code []string
	for _, match := range block.FindAllStringSubmatch(guide(t, name), -1) {
		if match[1] != "" { // a block without a language is a picture
			code = append(code, match[1]+"\n"+comment.ReplaceAllString(match[2], ""))
		}
	}
	return code
}

// TestReadmesSayTheSame compares every command and example of the two languages, and their headings, rows and items in order.
func TestReadmesSayTheSame(t *testing.T) {
	t.Parallel()
	var pairs []string
	for _, name := range guides(t) {
		other := korean(name)
		if other == "" {
			continue
		}
		pairs = append(pairs, name)
		english, theirs := blocks(t, name), blocks(t, other)
		if len(english) != len(theirs) {
			t.Errorf("%s has %d blocks in English, %d in Korean", name, len(english), len(theirs))
			continue
		}
		for i := range english {
			if english[i] != theirs[i] {
				t.Errorf("%s, block %d:\n%s\nin Korean:\n%s", name, i+1, english[i], theirs[i])
			}
		}
		structure := regexp.MustCompile(`(?m)^(#+ |\| |- |\d+\. )`)
		in := func(name string) []string {
			return structure.FindAllString(block.ReplaceAllString(guide(t, name), ""), -1)
		}
		if !slices.Equal(in(name), in(other)) {
			t.Errorf("%s has the headings, rows and items %q in English, %q in Korean", name, in(name), in(other))
		}
	}
	forUsers := []string{readmePage, configurationPage, workflowPage, operationsPage, migrationPage, "docs/how-it-works.md", "docs/troubleshooting.md"}
	for _, want := range forUsers {
		if !slices.Contains(pairs, want) {
			t.Errorf("%s is in one language", want)
		}
	}
}

// TestReadmeIsShort keeps the first page one that is read to its end, and its quick starts at this version and its Go.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	compiler := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(guide(t, "go.mod"))[1]
	for _, name := range inBoth(readmePage) {
		text := guide(t, name)
		if lines := strings.Count(text, "\n"); lines > 250 {
			t.Errorf("%s has %d lines: what only some readers need belongs below docs/", name, lines)
		}
		if !strings.Contains(text, "[Go](https://go.dev/dl/) "+compiler+" ") {
			t.Errorf("%s does not say that the targets need Go %s", name, compiler)
		}
		pinned := regexp.MustCompile(`git -C ci checkout (\S+)`).FindAllStringSubmatch(text, -1)
		if len(pinned) != 2 {
			t.Errorf("%s pins ci/ %d times", name, len(pinned))
		}
		for _, match := range pinned {
			if match[1] != "v"+astragoci.Version() {
				t.Errorf("%s pins ci/ to %s, and this is %s", name, match[1], astragoci.Version())
			}
		}
	}
}

// TestReadmeExamplesAreReal holds the configurations of all documents against the parser, and the workflow against the template.
func TestReadmeExamplesAreReal(t *testing.T) {
	t.Parallel()
	var configurations, workflows, fragments int
	parse := func(name, text string) {
		if _, err := config.Parse(name, []byte(text)); err != nil {
			t.Errorf("a configuration of %s: %v\n%s", name, err, text)
		}
	}
	for _, name := range guides(t) {
		for _, match := range block.FindAllStringSubmatch(guide(t, name), -1) {
			switch {
			case strings.HasPrefix(match[2], "version: 1"):
				configurations++
				parse(name, match[2])
			case strings.HasPrefix(match[2], "# .github/workflows/release.yml"):
				workflows++
				_, body, _ := strings.Cut(match[2], "\n")
				_, template, _ := strings.Cut(readFile(t, filepath.Join("..", "..", "templates", "backend", ".github", "workflows", "release.yml")), "\nname:")
				if body != "name:"+template {
					t.Errorf("the workflow of %s is not the template's:\n%s", name, body)
				}
			}
		}
		for _, addition := range additions(guide(t, name)) {
			fragments++
			parse(name, addition)
		}
	}
	if configurations != 2 || workflows != 1 || fragments < 3 {
		t.Errorf("%d configurations, %d workflows and %d fragments were found", configurations, workflows, fragments)
	}
}

// additions are a document's fragments of a configuration, each in a small one of its own.
func additions(text string) []string {
	const service = "version: 1\nservice: backend\nimage: ghcr.io/acme/backend\n"
	components := "components:\n  core: {}\n"
	stage := "  stage: { deploy: { repository: acme/deployment, branch: main, file: v.yaml, set: '.{{ .Component }}.t = \"{{ .Tag }}\"' } }\n"
	var whole []string
	for _, match := range block.FindAllStringSubmatch(text, -1) {
		if rest, ok := strings.CutPrefix(match[2], "components:\n"); ok {
			whole = append(whole, service+components+rest+"environments:\n"+stage)
		}
		if rest, ok := strings.CutPrefix(match[2], "environments:\n"); ok {
			whole = append(whole, service+components+"environments:\n"+stage+rest)
		}
	}
	return whole
}

// TestTemplatesParse reads the configurations that applications copy.
func TestTemplatesParse(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join("..", "..", "templates", "*", "astrago.yaml"))
	if err != nil || len(paths) < 2 {
		t.Fatalf("%d templates, %v", len(paths), err)
	}
	for _, path := range paths {
		// OWNER is what the reader replaces.
		if _, err := config.Parse(path, []byte(strings.ReplaceAll(readFile(t, path), "OWNER", "acme"))); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
