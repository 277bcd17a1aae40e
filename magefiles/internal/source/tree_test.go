package source_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

func tree(t *testing.T, dir string) source.Tree {
	t.Helper()
	tree, err := source.ReadTree(t.Context(), head(t, dir, source.Hints{}))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func paths(tree source.Tree) (paths []string) {
	for _, f := range tree.Files {
		paths = append(paths, f.Path)
	}
	return paths
}

func file(t *testing.T, tree source.Tree, path string) source.File {
	t.Helper()
	i := slices.IndexFunc(tree.Files, func(f source.File) bool { return f.Path == path })
	if i < 0 {
		t.Fatalf("there is no %s in %q", path, paths(tree))
	}
	return tree.Files[i]
}

func TestReadTreeGivesWhatGitKnows(t *testing.T) {
	dir := repository(t)
	write(t, dir, "src/한글 파일.txt", "안녕")
	write(t, dir, "run.sh", "#!/bin/sh\n")
	if err := os.Symlink("run.sh", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "add", ".")
	git(t, dir, "update-index", "--chmod=+x", "run.sh")
	if err := os.Chmod(filepath.Join(dir, "run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "commit", "-q", "-m", "files")
	got := tree(t, dir)
	if want := []string{"astrago.yaml", "link", "run.sh", "src/한글 파일.txt"}; !slices.Equal(paths(got), want) {
		t.Errorf("files %q", paths(got))
	}
	if file(t, got, "link").Mode != "120000" || file(t, got, "run.sh").Mode != "100755" {
		t.Errorf("modes of %+v", got.Files)
	}
	if want := git(t, dir, "rev-parse", "HEAD:run.sh"); file(t, got, "run.sh").ID != want {
		t.Errorf("run.sh is %s, want %s", file(t, got, "run.sh").ID, want)
	}
}

// A changed tree is identified by its content: the same change is the same, another is another.
func TestReadTreeSeesWhatHasChanged(t *testing.T) {
	dir := repository(t)
	for _, name := range []string{"changed", "removed", "staged"} {
		write(t, dir, name, name)
	}
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "files")
	clean := tree(t, dir)
	write(t, dir, "changed", "once")
	write(t, dir, "staged", "as well")
	write(t, dir, "new/file", "new")
	git(t, dir, "add", "staged")
	if err := os.Remove(filepath.Join(dir, "removed")); err != nil {
		t.Fatal(err)
	}
	once := tree(t, dir)
	if want := []string{"astrago.yaml", "changed", "new/file", "staged"}; !slices.Equal(paths(once), want) {
		t.Errorf("files %q", paths(once))
	}
	for _, name := range []string{"changed", "staged"} {
		if before, after := file(t, clean, name), file(t, once, name); before.ID == after.ID || !strings.HasPrefix(after.ID, "sha256:") {
			t.Errorf("%s is %s, was %s", name, after.ID, before.ID)
		}
	}
	if file(t, once, "astrago.yaml") != file(t, clean, "astrago.yaml") {
		t.Error("a file that nobody changed has changed")
	}
	write(t, dir, "changed", "twice")
	if twice := tree(t, dir); file(t, twice, "changed").ID == file(t, once, "changed").ID {
		t.Error("another content has the same identity")
	}
}

func TestReadTreeOfASubmoduleThatDiffersHasNoIdentity(t *testing.T) {
	library := repository(t)
	dir := repository(t)
	git(t, dir, "submodule", "--quiet", "add", library, "ci")
	git(t, dir, "commit", "-q", "-m", "add ci")
	clean := file(t, tree(t, dir), "ci")
	if clean.Mode != "160000" || clean.ID != git(t, library, "rev-parse", "HEAD") {
		t.Errorf("the submodule is %+v", clean)
	}
	write(t, dir, "ci/astrago.yaml", "version: 2\n")
	if dirty := file(t, tree(t, dir), "ci"); dirty.ID != "" {
		t.Errorf("the changed submodule is %+v", dirty)
	}
}

func TestReadTreeNamesWhatIsIgnored(t *testing.T) {
	dir := repository(t)
	write(t, dir, ".gitignore", "node_modules/\n*.log\ndist/\n")
	write(t, dir, "src/x", "tracked")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "ignore")
	for _, name := range []string{"node_modules/a/index.js", "src/x.log", "dist/images/index.json", "dist/logs/a.log", "dist/bundle.js"} {
		write(t, dir, name, "x")
	}
	write(t, dir, "dist/.gitignore", "*\n")
	write(t, dir, "dist/release.json", "{\n  \"schema\": \"astrago-ci/report/v1\"\n}")
	write(t, dir, "dist/wall.html", `<meta name="generator" content="astrago-ci/status/v1">`)
	write(t, dir, "dist/status.html", "the application's own, about astrago-ci/status")
	want := []string{"dist/bundle.js", "dist/status.html", "node_modules/", "src/x.log"}
	got := tree(t, dir)
	slices.Sort(got.Ignored)
	if !slices.Equal(got.Ignored, want) {
		t.Errorf("ignored are %q, want %q", got.Ignored, want)
	}
	git(t, dir, "add", "--force", "dist/bundle.js") // git then lists what is in dist itself
	git(t, dir, "commit", "-q", "-m", "track a file of dist")
	got = tree(t, dir)
	slices.Sort(got.Ignored)
	if want := want[1:]; !slices.Equal(got.Ignored, want) {
		t.Errorf("beside a tracked file ignored are %q, want %q", got.Ignored, want)
	}
}

func TestOutputsAreWhatTargetsWrite(t *testing.T) {
	dir := t.TempDir()
	always := []string{"dist/images", "dist/logs"}
	if got := source.Outputs(dir); !slices.Equal(got, always) {
		t.Errorf("without dist/ outputs are %q", got)
	}
	late := strings.Repeat(" ", 1024) + `"astrago-ci/report/v1"`
	for name, text := range map[string]string{".gitignore": "/bundle.js\n", "late.json": late, "notes.txt": `"astrago-ci/report/v1"`} {
		write(t, dir, "dist/"+name, text)
	}
	if got := source.Outputs(dir); !slices.Equal(got, always) {
		t.Errorf("the application's own files are outputs: %q", got)
	}
}

func TestTreeAtReadsARevision(t *testing.T) {
	dir := repository(t)
	before := tree(t, dir)
	write(t, dir, "later", "x")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "later")
	got, err := source.TreeAt(t.Context(), dir, "HEAD~1")
	if err != nil || !slices.Equal(got.Files, before.Files) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := source.TreeAt(t.Context(), dir, "no-such-branch"); err == nil {
		t.Error("a revision that does not exist has a tree")
	}
	sub := filepath.Join(dir, "app")
	write(t, dir, "app/main.go", "package main")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "app")
	if got, err := source.TreeAt(t.Context(), sub, "HEAD"); err != nil || !slices.Equal(paths(got), []string{"main.go"}) {
		t.Errorf("below a subdirectory there are %q, %v", paths(got), err)
	}
}

func TestReadBlobGivesAnEarlierFileAsItWas(t *testing.T) {
	dir := repository(t)
	before := file(t, tree(t, dir), "astrago.yaml")
	write(t, dir, "astrago.yaml", "version: 2\n")
	content, err := source.ReadBlob(t.Context(), dir, before.ID)
	if err != nil || string(content) != "version: 1\n" {
		t.Errorf("%q, %v", content, err)
	}
	if _, err := source.ReadBlob(t.Context(), dir, strings.Repeat("0", 40)); err == nil {
		t.Error("a file that git does not have was read")
	}
}
