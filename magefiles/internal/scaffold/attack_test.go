package scaffold_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
)

// checkedOut is a repository on disk, as a person has just cloned it from a stranger.
func checkedOut(t *testing.T, files map[string]string) (scaffold.Facts, string) {
	t.Helper()
	dir := t.TempDir()
	files["ci/magefiles/targets/targets.go"] = "package targets\n"
	var names []string
	for name, content := range files {
		names = append(names, name)
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(names)
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return scaffold.Facts{Tree: root.FS(), Survey: git.Survey{Root: dir, Files: names, Branches: []string{"main"}, Branch: "main"}}, dir
}

// TestStrangersFilesAreBounded reads files that grow when they are evaluated, and one that is larger than any person writes.
func TestStrangersFilesAreBounded(t *testing.T) {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 12; i++ {
		last, next := string(rune('a'+i-1)), string(rune('a'+i))
		bomb += next + "0: &" + next + "0 [" + strings.TrimSuffix(strings.Repeat("*"+last+"0, ", 9), ", ") + "]\n"
	}
	merges := "ma: &ma {a: 1}\n"
	for i := 1; i < 20; i++ {
		last, next := string(rune('a'+i-1)), string(rune('a'+i))
		merges += "m" + next + ": &m" + next + " {<<: [" + strings.TrimSuffix(strings.Repeat("*m"+last+", ", 9), ", ") + "]}\n"
	}
	environment := "A=x\n"
	for i := range 20 {
		environment += string(rune('B'+i)) + "=" + strings.Repeat("${"+string(rune('A'+i))+"}", 9) + "\n"
	}
	axis := "[" + strings.TrimSuffix(strings.Repeat("a, ", 300), ", ") + "]"
	facts, _ := checkedOut(t, map[string]string{
		"Dockerfile": "FROM x\n", "compose.yaml": merges + bomb + "services: {api: {build: {context: '${U}', args: *l0}}}\n", ".env": environment,
		"docker-compose.large.yml":  "services:\n" + strings.Repeat("  a: {build: .}\n", 1<<17),
		".github/workflows/a.yml":   "jobs: {b: {strategy: {matrix: {a: " + axis + ", b: " + axis + ", c: " + axis + "}}, steps: [{uses: docker/build-push-action@v6, with: {context: '${{ matrix.a }}'}}]}}\n",
		"docker-bake.json":          `{"target": {"a": {"inherits": ["a", "a", "a"], "tags": ["x"]}}}`,
		"pom.xml":                   "<project>" + strings.Repeat("<a>", 1<<16),
		"Makefile":                  "A = $(A)$(A)$(A)\nx:\n\tdocker build $(A)\n",
		"src/deep/compose.yaml":     strings.Repeat("[", 1<<16),
		"src/deep/skaffold.yaml":    "a: &a {<<: *a}\nbuild: *a\n",
		".github/workflows/own.yml": "env: {A: '${{ env.A }}${{ env.A }}'}\njobs: {}\n",
	})
	layout, err := scaffold.Detect(facts, "")
	if err != nil || len(layout.Components) != 1 || layout.Components[0].Dockerfile != "Dockerfile" {
		t.Errorf("got %+v, %v", layout.Components, err)
	}
}

// TestStrangersLinksLeadNowhere has links out of the repository: nothing there is read, and nothing there is written.
func TestStrangersLinksLeadNowhere(t *testing.T) {
	outside := t.TempDir()
	for name, content := range map[string]string{"Dockerfile": "FROM x\nCOPY secret /\n", "ignored": "theirs\n"} {
		if err := os.WriteFile(filepath.Join(outside, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	facts, dir := checkedOut(t, map[string]string{"README.md": ""})
	for name, target := range map[string]string{"Dockerfile": "Dockerfile", ".gitignore": "ignored", "magefiles": ".", ".github": "."} {
		if err := os.Symlink(filepath.Join(outside, target), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		facts.Files = append(facts.Files, name)
	}
	slices.Sort(facts.Files)
	files := draftOf(t, facts, "", true)
	if c := files["astrago.yaml"].Content; strings.Contains(c, "dockerfile: Dockerfile") {
		t.Errorf("a Dockerfile of elsewhere is proposed:\n%s", c)
	}
	for _, file := range files {
		if _, err := scaffold.Apply(dir, []scaffold.File{file}); err != nil {
			t.Logf("%s: %v", file.Path, err)
		}
	}
	entries, err := os.ReadDir(outside)
	if data, readErr := os.ReadFile(filepath.Join(outside, "ignored")); err != nil || readErr != nil || len(entries) != 2 || string(data) != "theirs\n" {
		t.Errorf("outside of the repository there is %v, %q", entries, data)
	}
}

// TestStrangersNamesStayNames has files, services and values that would be YAML, shell or a terminal's commands where they are
// written as they are.
func TestStrangersNamesStayNames(t *testing.T) {
	evil := []string{
		"a: {b}", "x # y", "'quoted'", "\"q\"", "new\nenvironments: {prod: 1}", "esc\x1b[2Jape", "$(touch owned)", "`id`", "&anchor", "*alias", "!!tag", "- item", "{{ .Tag }}", "null", "\u202egnp",
	}
	files := map[string]string{}
	for _, name := range evil {
		files[name+"/Dockerfile"] = "FROM x\nARG A\nCOPY dist ${A}\n"
		files[name+"/package.json"] = `{"scripts": {"build": "x"}}`
		files[name+"/test/Dockerfile"] = "FROM x\n"
	}
	facts, _ := checkedOut(t, files)
	facts.Branches = append(facts.Branches, "release/a: b", "release/'x'")
	text := draftOf(t, facts, "", false)["astrago.yaml"].Content
	var parsed struct {
		Prepare      []string
		Components   map[string]struct{ Context, Dockerfile string }
		Environments map[string]any
	}
	if err := yaml.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var contexts []string
	for _, c := range parsed.Components {
		contexts = append(contexts, c.Context)
	}
	slices.Sort(contexts)
	slices.Sort(evil)
	if !slices.Equal(contexts, evil) || len(parsed.Environments) != 2 || strings.ContainsAny(text, "\x1b\u202e") {
		t.Errorf("contexts %q\nenvironments %v\n%s", contexts, parsed.Environments, text)
	}
	for _, command := range parsed.Prepare {
		if strings.Contains(command, "$(") && !strings.Contains(command, "'$(touch owned)'") {
			t.Errorf("prepare runs %q", command)
		}
	}
}
