package targets_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// block matches a fenced block of a document with its language.
var block = regexp.MustCompile("(?s)```([a-z]*)\n(.*?)```")

// comment is dropped before two languages are compared: only comments are translated.
var comment = regexp.MustCompile(`(?m)\s*#.*$`)

// guides are the documents for people, by their path from the root: the README, and all of docs/ but for the Korean pages.
func guides(t *testing.T) []string {
	t.Helper()
	all := []string{"README.md", "CONTRIBUTING.md"}
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

// korean is the page that says the same, empty where there is none: contributors read English.
func korean(name string) string {
	other := strings.TrimSuffix(name, ".md") + ".ko.md"
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

// TestReadmesSayTheSame compares every command and example of the two languages, and the headings and tables by their number.
func TestReadmesSayTheSame(t *testing.T) {
	var pairs []string
	for _, name := range guides(t) {
		other := korean(name)
		if other == "" {
			continue
		}
		pairs = append(pairs, name)
		english, theirs := blocks(t, name), blocks(t, other)
		if len(english) != len(theirs) || len(english) == 0 {
			t.Errorf("%s has %d blocks in English, %d in Korean", name, len(english), len(theirs))
			continue
		}
		for i := range english {
			if english[i] != theirs[i] {
				t.Errorf("%s, block %d:\n%s\nin Korean:\n%s", name, i+1, english[i], theirs[i])
			}
		}
		for what, lines := range map[string]*regexp.Regexp{"headings": regexp.MustCompile(`(?m)^#+ `), "rows": regexp.MustCompile(`(?m)^\| `)} {
			in := func(name string) int {
				return len(lines.FindAllString(block.ReplaceAllString(guide(t, name), ""), -1))
			}
			if in(name) != in(other) {
				t.Errorf("%s has %d %s in English, %d in Korean", name, in(name), what, in(other))
			}
		}
	}
	for _, want := range []string{"README.md", "docs/migration.md", "docs/troubleshooting.md"} {
		if !slices.Contains(pairs, want) {
			t.Errorf("%s is in one language", want)
		}
	}
}

// TestReadmeExamplesAreReal holds the README's configuration against the parser, and its workflow against the template.
func TestReadmeExamplesAreReal(t *testing.T) {
	text := readFile(t, filepath.Join("..", "..", "README.md"))
	var configurations, workflows int
	for _, match := range block.FindAllStringSubmatch(text, -1) {
		switch {
		case strings.HasPrefix(match[2], "version: 1"):
			configurations++
			if _, err := config.Parse("README.md", []byte(match[2])); err != nil {
				t.Errorf("the configuration: %v", err)
			}
		case strings.HasPrefix(match[2], "# .github/workflows/release.yml"):
			workflows++
			_, body, _ := strings.Cut(match[2], "\n")
			_, template, _ := strings.Cut(readFile(t, filepath.Join("..", "..", "templates", "backend", ".github", "workflows", "release.yml")), "\nname:")
			if body != "name:"+template {
				t.Errorf("the workflow is not the template's:\n%s", body)
			}
		}
	}
	for _, name := range guides(t)[1:] {
		for _, match := range block.FindAllStringSubmatch(guide(t, name), -1) {
			if !strings.HasPrefix(match[2], "version: 1") {
				continue
			}
			if _, err := config.Parse(name, []byte(match[2])); err != nil {
				t.Errorf("the configuration of %s: %v", name, err)
			}
		}
	}
	for _, addition := range additions(text) {
		if _, err := config.Parse("README.md", []byte(addition)); err != nil {
			t.Errorf("an addition: %v\n%s", err, addition)
		}
	}
	if configurations != 1 || workflows != 1 || len(additions(text)) < 3 {
		t.Errorf("%d configurations and %d workflows were found", configurations, workflows)
	}
}

// TestReadmeShowsEveryKey holds the examples against the schema: each key of astrago.yaml is in one of them.
func TestReadmeShowsEveryKey(t *testing.T) {
	var examples strings.Builder
	for _, match := range block.FindAllStringSubmatch(readFile(t, filepath.Join("..", "..", "README.md")), -1) {
		if match[1] == "yaml" {
			examples.WriteString(comment.ReplaceAllString(match[2], "") + "\n")
		}
	}
	var schema any
	if err := json.Unmarshal([]byte(readFile(t, filepath.Join("..", "..", "templates", "astrago.schema.json"))), &schema); err != nil {
		t.Fatal(err)
	}
	all := keys(schema)
	if len(all) < 50 {
		t.Errorf("%d keys", len(all))
	}
	for _, key := range all {
		if !regexp.MustCompile(`(?m)(^|[ {])` + key + `:`).MatchString(examples.String()) {
			t.Errorf("no example has the key %q", key)
		}
	}
}

// keys are the names of all properties of a JSON schema.
func keys(schema any) (names []string) {
	switch node := schema.(type) {
	case map[string]any:
		properties, _ := node["properties"].(map[string]any)
		names = slices.AppendSeq(names, maps.Keys(properties))
		for _, child := range node {
			names = append(names, keys(child)...)
		}
	case []any:
		for _, child := range node {
			names = append(names, keys(child)...)
		}
	}
	return names
}

// additions are the README's fragments of a configuration, each in a small one of its own.
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

// TestReadmesNameEveryVariableAndTarget keeps the tables complete in both languages.
func TestReadmesNameEveryVariableAndTarget(t *testing.T) {
	for _, readme := range []string{"README.md", "README.ko.md"} {
		text := readFile(t, filepath.Join("..", "..", readme))
		for _, variable := range vars.Table() {
			if !strings.Contains(text, "`"+string(variable.Name)) {
				t.Errorf("%s does not name %s", readme, variable.Name)
			}
		}
		for line := range strings.Lines(readFile(t, filepath.Join("testdata", "targets.golden"))) {
			if target := strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, " ") && !strings.Contains(text, "| `"+strings.ToLower(target)+"` |") {
				t.Errorf("%s has no row for the target %s", readme, target)
			}
		}
	}
}

// TestTemplatesCallThisVersion holds the callers against VERSION: a tag that is not there yet stops every workflow.
func TestTemplatesCallThisVersion(t *testing.T) {
	for _, kind := range []string{"backend", "frontend"} {
		text := readFile(t, filepath.Join("..", "..", "templates", kind, ".github", "workflows", "release.yml"))
		if want := "uses: xiilab/astrago-ci/.github/workflows/release.yml@v" + astragoci.Version() + " "; !strings.Contains(text, want) {
			t.Errorf("the workflow of a %s does not say %q", kind, want)
		}
	}
}

// doing is what the steps of the called workflow do for a release.
var doing = regexp.MustCompile(`(?m)^ +(?:- )?((?:uses: |run: mage release).*)$`)

// TestTemplatesHandOverEverySecret lets no kind of caller do less than another, and the READMEs name what there is to set.
func TestTemplatesHandOverEverySecret(t *testing.T) {
	read := func(parts ...string) string {
		return readFile(t, filepath.Join(append([]string{"..", ".."}, parts...)...))
	}
	var called struct {
		On struct {
			Call struct{ Secrets map[string]any } `yaml:"workflow_call"`
		}
	}
	if err := yaml.Unmarshal([]byte(read(".github", "workflows", "release.yml")), &called); err != nil || len(called.On.Call.Secrets) < 5 {
		t.Fatalf("the secrets are %v, %v", called.On.Call.Secrets, err)
	}
	var first string
	for _, kind := range []string{"backend", "frontend", "generic"} {
		text := read("templates", kind, ".github", "workflows", "release.yml")
		for name := range called.On.Call.Secrets {
			if !strings.Contains(text, "${{ secrets."+name+" ") {
				t.Errorf("the workflow of a %s does not hand over %s", kind, name)
			}
		}
		_, triggers, _ := strings.Cut(text, "\non:\n")
		triggers, _, _ = strings.Cut(triggers, "\njobs:\n")
		if first == "" {
			first = triggers
		}
		if triggers != first {
			t.Errorf("the workflow of a %s is started otherwise:\n%s", kind, triggers)
		}
	}
	for _, step := range doing.FindAllStringSubmatch(read(".github", "workflows", "release.yml"), -1) {
		if !strings.Contains(read("templates", "generic", ".github", "workflows", "release.yml"), step[1]+"\n") {
			t.Errorf("the workflow with steps of its own lacks %q", step[1])
		}
	}
	for _, readme := range []string{"README.md", "README.ko.md"} {
		for name := range called.On.Call.Secrets {
			if !strings.Contains(read(readme), "\n| `"+name+"` |") {
				t.Errorf("%s has no row for the secret %s", readme, name)
			}
		}
	}
}

// TestTemplatesParse reads the configurations that applications copy.
func TestTemplatesParse(t *testing.T) {
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
