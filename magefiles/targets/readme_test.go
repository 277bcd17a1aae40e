package targets_test

import (
	"encoding/json"
	"maps"
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

// block matches a fenced block of a README with its language.
var block = regexp.MustCompile("(?s)```([a-z]*)\n(.*?)```")

// comment is dropped before two languages are compared: only comments are translated.
var comment = regexp.MustCompile(`(?m)\s*#.*$`)

func blocks(t *testing.T, readme string) []string {
	t.Helper()
	var code []string
	for _, match := range block.FindAllStringSubmatch(readFile(t, filepath.Join("..", "..", readme)), -1) {
		if match[1] != "" { // a block without a language is a picture
			code = append(code, match[1]+"\n"+comment.ReplaceAllString(match[2], ""))
		}
	}
	return code
}

// TestReadmesSayTheSame compares every command and example of the two languages.
func TestReadmesSayTheSame(t *testing.T) {
	english, korean := blocks(t, "README.md"), blocks(t, "README.ko.md")
	if len(english) != len(korean) || len(english) < 6 {
		t.Fatalf("%d blocks in English, %d in Korean", len(english), len(korean))
	}
	for i := range english {
		if english[i] != korean[i] {
			t.Errorf("block %d:\n%s\nin Korean:\n%s", i+1, english[i], korean[i])
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
