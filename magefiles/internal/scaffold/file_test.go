package scaffold_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
)

// draft returns the files for a repository, by path.
func draft(t *testing.T, facts scaffold.Facts, force bool) map[string]scaffold.File {
	t.Helper()
	return draftOf(t, facts, "", force)
}

// drafted returns them for one of a kind.
func drafted(t *testing.T, facts scaffold.Facts, kind scaffold.Kind) map[string]scaffold.File {
	t.Helper()
	return draftOf(t, facts, kind, false)
}

func draftOf(t *testing.T, facts scaffold.Facts, kind scaffold.Kind, force bool) map[string]scaffold.File {
	t.Helper()
	templates, err := astragoci.Templates()
	if err != nil {
		t.Fatal(err)
	}
	layout, err := scaffold.Detect(facts, kind)
	if err != nil {
		t.Fatal(err)
	}
	files, err := facts.Draft(layout, templates, force)
	if err != nil {
		t.Fatal(err)
	}
	byPath := map[string]scaffold.File{}
	for _, file := range files {
		if _, twice := byPath[file.Path]; twice {
			t.Errorf("%s is written twice", file.Path)
		}
		byPath[file.Path] = file
	}
	return byPath
}

func TestDraftKeepsWhatIsThere(t *testing.T) {
	own := map[string]string{"Dockerfile": "FROM x\n", "astrago.yaml": "mine\n", ".gitignore": "/dist\nnode_modules", "go.work": "go 1.26.8\n\nuse ./ci\n"}
	for force, want := range map[bool]scaffold.Action{false: scaffold.Keep, true: scaffold.Replace} {
		files := draft(t, repository("shop", own, "main"), force)
		if got := files["astrago.yaml"]; got.Action != want || got.Old != "mine\n" {
			t.Errorf("force %v: astrago.yaml: %s", force, got.Action)
		}
		if got := files[".gitignore"]; got.Action != scaffold.Change || got.Content != "/dist\nnode_modules\n/go.work.sum\n" {
			t.Errorf(".gitignore: %s %q", got.Action, got.Content)
		}
		if got := files["go.work"]; got.Action != scaffold.Nothing {
			t.Errorf("go.work: %s", got.Action)
		}
	}
}

// TestDraftLeavesGoCodeAlone keeps the workspace out of the way of an application's own modules.
func TestDraftLeavesGoCodeAlone(t *testing.T) {
	for name, own := range map[string]map[string]string{
		"module":    {"go.mod": "module example.com/shop\n\ngo 1.22\n"},
		"workspace": {"go.work": "go 1.22\n\nuse ./api\n", "go.mod": "module example.com/shop\n"},
		"below":     {"services/api/go.mod": "module example.com/shop\n"},
	} {
		files := draft(t, repository("shop", own, "main"), true)
		if _, root := files["go.work"]; root {
			t.Errorf("%s: a go.work at the root", name)
		}
		module, work := files["magefiles/go.mod"].Content, files["magefiles/go.work"].Content
		want := "module example.com/shop/magefiles\n"
		if name == "below" {
			want = "module magefiles\n"
		}
		if !strings.Contains(module, want) || !strings.Contains(work, "../ci") || !strings.Contains(work, "go 1.26") {
			t.Errorf("%s:\n%s\n%s", name, module, work)
		}
	}
}

// TestDraftNamesTheBranches puts the branches that deploy into the workflow.
func TestDraftNamesTheBranches(t *testing.T) {
	files := draft(t, repository("shop", map[string]string{"Dockerfile": "FROM x\n"}, "develop", "release/1", "release/2"), false)
	if got := files[".github/workflows/release.yml"].Content; !strings.Contains(got, "branches: [develop, 'release/**']\n") {
		t.Errorf("the workflow:\n%s", got)
	}
	two := draft(t, repository("shop", map[string]string{"Dockerfile": "FROM x\n"}, "main", "production"), false)
	operate, configuration := two[".github/workflows/operate.yml"].Content, two["astrago.yaml"].Content
	for _, name := range regexp.MustCompile(`(?m)^  ([a-z]+):\n    branches:`).FindAllStringSubmatch(configuration, -1) {
		if !regexp.MustCompile(`(?m)^        options: \[.*\b` + name[1] + `\b`).MatchString(operate) {
			t.Errorf("%s is no environment to choose:\n%s", name[1], operate)
		}
	}
}

// TestDraftHasTheSharedTargetsAlone in whatever repository: with a target of its own scripts/mage would need Go to compile it.
func TestDraftHasTheSharedTargetsAlone(t *testing.T) {
	templates, err := astragoci.Templates()
	if err != nil {
		t.Fatal(err)
	}
	want, err := fs.ReadFile(templates, "generic/magefiles/magefile.go")
	if err != nil {
		t.Fatal(err)
	}
	for name, layout := range layouts() {
		if got := draft(t, layout, false)["magefiles/magefile.go"].Content; got != string(want) {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

// TestDockerignoreLeavesOutNothingThatIsCopied suggests nothing that a Dockerfile names.
func TestDockerignoreLeavesOutNothingThatIsCopied(t *testing.T) {
	for _, test := range []struct {
		dockerfile string
		out, in    []string
	}{
		{"FROM x\nCOPY src /src\n", []string{".git", "ci", "dist", "node_modules"}, nil},
		{"FROM x\nCOPY dist/ /srv\n", []string{".git", "node_modules"}, []string{"dist"}},
		{"FROM x\nCOPY . .\nRUN npm ci && npm run build\n", []string{".git", "dist", "node_modules"}, nil},
		{"FROM x\nCOPY . .\n", []string{".git", "ci"}, []string{"dist", "node_modules", "**/node_modules"}},
		{"FROM x\nCOPY . .\nRUN git describe\n", []string{"ci"}, []string{".git"}},
		{"FROM x\nCOPY . .\nRUN ci/scripts/mage version\n", nil, []string{"ci"}},
		{"FROM x\nCOPY web/dist /srv\n", nil, []string{"dist"}},
		{"FROM x\nCOPY *.yaml /etc/\n", nil, []string{"astrago.yaml"}},
		{"FROM x\nRUN --mount=type=bind,source=.git,target=/g true\n", nil, []string{".git"}},
		{"FROM x AS b\nFROM x\nCOPY --from=b /dist /srv\n", []string{"dist"}, nil},
	} {
		lines := strings.Split(draft(t, repository("shop", map[string]string{"Dockerfile": test.dockerfile}, "main"), false)[".dockerignore"].Content, "\n")
		for _, name := range test.out {
			if !slices.Contains(lines, name) {
				t.Errorf("%q: %s is not left out: %q", test.dockerfile, name, lines)
			}
		}
		for _, name := range test.in {
			if slices.Contains(lines, name) {
				t.Errorf("%q: %s is left out: %q", test.dockerfile, name, lines)
			}
		}
	}
	for ignored, want := range map[string]string{
		"node_modules":      "node_modules\n# What the targets of astrago.yaml bring is no part of images.\nci\nmagefiles\ngo.work\nastrago.yaml\n.astrago\n",
		"ci\n/magefiles/\n": "ci\n/magefiles/\n# What the targets of astrago.yaml bring is no part of images.\ngo.work\nastrago.yaml\n.astrago\n",
		"*\n!src\n":         "",
	} {
		files := map[string]string{"Dockerfile": "FROM x\nCOPY . .\n", ".dockerignore": ignored}
		file, there := draft(t, repository("shop", files, "main"), false)[".dockerignore"]
		if there != (want != "") || there && (file.Content != want || file.Action != scaffold.Change) {
			t.Errorf("%q becomes %q, %s", ignored, file.Content, file.Action)
		}
	}
	if _, there := draft(t, repository("shop", map[string]string{"Dockerfile": "FROM x\nCOPY src /\n", ".dockerignore": ""}, "main"), true)[".dockerignore"]; there {
		t.Error("lines are added that no image needs")
	}
}

// TestDockerignoreKeepsTheHistory that a script of the build reads.
func TestDockerignoreKeepsTheHistory(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		kept  bool
	}{
		"make":   {map[string]string{"Dockerfile": "FROM x\nCOPY . .\nRUN make build.$ARCH\n", "Makefile": "VERSION := $(shell git describe --tags)\n"}, true},
		"script": {map[string]string{"Dockerfile": "FROM x\nCOPY . .\nRUN ./hack/build.sh\n", "hack/build.sh": "git rev-parse HEAD\n"}, true},
		"no git": {map[string]string{"Dockerfile": "FROM x\nCOPY . .\nRUN make\n", "Makefile": "all: ; cc\n"}, false},
		"unrun":  {map[string]string{"Dockerfile": "FROM x\nCOPY . .\nRUN cc\n", "Makefile": "V := $(shell git describe)\n"}, false},
	} {
		lines := strings.Split(draft(t, repository("shop", test.files, "main"), false)[".dockerignore"].Content, "\n")
		if kept := !slices.Contains(lines, ".git"); kept != test.kept {
			t.Errorf("%s: %q", name, lines)
		}
	}
}

// TestApplyNeverWritesOverANewFile lets a file appear between looking and writing.
func TestApplyNeverWritesOverANewFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/astrago.yaml", []byte("mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := scaffold.Apply(dir, []scaffold.File{{Path: "astrago.yaml", Content: "ours\n", Action: scaffold.Create}})
	data, readErr := os.ReadFile(dir + "/astrago.yaml")
	if err == nil || readErr != nil || string(data) != "mine\n" {
		t.Errorf("%v, the file is %q", err, data)
	}
	written, err := scaffold.Apply(dir, []scaffold.File{{Path: "astrago.yaml", Content: "ours\n", Action: scaffold.Keep}, {Path: "a/b", Content: "new\n", Action: scaffold.Create}})
	if err != nil || !slices.Equal(written, []string{"a/b"}) {
		t.Errorf("written %q, %v", written, err)
	}
}

func TestImagesAreNamedInLowerCase(t *testing.T) {
	facts := repository("My_Shop.Web", map[string]string{}, "main")
	facts.Tree = fstest.MapFS{"ci/magefiles/targets/t.go": {}}
	if layout, err := scaffold.Detect(facts, ""); err != nil || layout.Image != "ghcr.io/acme/my_shop.web" || layout.Service != "my-shop-web" {
		t.Errorf("got %+v, %v", layout, err)
	}
}

// TestDraftKeepsWorkflowsOfOthers gives ours another name where the repository has one of that name, also with -force.
func TestDraftKeepsWorkflowsOfOthers(t *testing.T) {
	const theirs, ours = ".github/workflows/release.yml", ".github/workflows/astrago-ci.yml"
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"none":   {map[string]string{"Dockerfile": "FROM x\n"}, theirs},
		"theirs": {map[string]string{theirs: "name: release\non: push\njobs: {}\n"}, ours},
		"ours":   {map[string]string{theirs: "jobs:\n  r:\n    uses: acme/astrago-ci/.github/workflows/release.yml@v1\n"}, theirs},
		"both":   {map[string]string{theirs: "name: release\n", ours: "name: ours\n"}, ours},
	} {
		files := draft(t, repository("shop", test.files, "main"), true)
		file, there := files[test.want]
		if _, other := files[map[string]string{theirs: ours, ours: theirs}[test.want]]; !there || other {
			t.Errorf("%s: no %s, or both: %v", name, test.want, other)
		}
		if alone := strings.Contains(file.Content, "\nname: astrago-ci release\n") && strings.Contains(file.Content, "group: astrago-ci-release-"); alone != (test.want == ours) {
			t.Errorf("%s: the workflow:\n%s", name, file.Content)
		}
	}
}

// TestDraftElsewhere has the submodule in another folder than ci/, and a folder ci/ of the application's own.
func TestDraftElsewhere(t *testing.T) {
	facts := repository("shop", map[string]string{"ci/Dockerfile.test": "FROM x\n", "ci/run.sh": "", "Dockerfile": "FROM x\nCOPY . .\nRUN sh ci/run.sh\n"}, "main")
	facts.Submodule = "tools/astrago"
	facts.Tree.(fstest.MapFS)["tools/astrago/magefiles/targets/targets.go"] = &fstest.MapFile{}
	files := draft(t, facts, false)
	release := files[".github/workflows/release.yml"].Content
	if steps := strings.Count(release, "path: tools/astrago"); steps != 3 || !strings.Contains(release, "uses: ./tools/astrago/.github/actions/setup\n") {
		t.Errorf("%d steps of 3 say where the submodule is:\n%s", steps, release)
	}
	for _, kind := range []scaffold.Kind{scaffold.Backend, scaffold.Frontend} { // theirs is called
		release := drafted(t, facts, kind)[".github/workflows/release.yml"].Content
		if !strings.Contains(release, "astrago-ci/.github/workflows/release.yml@") || !strings.Contains(release, "\n      path: tools/astrago\n") {
			t.Errorf("%s:\n%s", kind, release)
		}
	}
	for path, want := range map[string]string{
		"astrago.yaml": "$schema=tools/astrago/templates/", "go.work": "use ./tools/astrago\n", ".dockerignore": "\ntools/astrago\n",
		".github/workflows/operate.yml": "\n      path: tools/astrago\n",
	} {
		if got := files[path].Content; !strings.Contains(got, want) || strings.Contains(got, "./ci/") || strings.Contains(got, "\nci\n") {
			t.Errorf("%s:\n%s", path, got)
		}
	}
	if got := files["astrago.yaml"].Content; !strings.Contains(got, "# test: { dockerfile: ci/Dockerfile.test }") {
		t.Errorf("the application's own ci/ is not looked at:\n%s", got)
	}
}
