package buildkit_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// show is a Dockerfile whose step prints a file of the context.
const show = base + "COPY %s /shown\nRUN cat /shown\n"

func showing(file string) string { return strings.ReplaceAll(show, "%s", file) }

// Two directories whose files differ in content only: size, mode and modification time are equal, which is all that a
// daemon compares with the copy that it kept.
func TestContextsWithEqualMetadataAreNotMixedUp(t *testing.T) {
	r := newRepository(t)
	at := time.Date(2024, 1, 2, 3, 4, 5, 6, time.UTC)
	for name, text := range map[string]string{"a": "AAAA\n", "b": "BBBB\n"} {
		r.write(name+"/value", text)
		r.write(name+"/toolbox", read(t, filepath.Join(r.root, "toolbox")))
		for _, file := range []string{name + "/value", name + "/toolbox"} {
			path := filepath.Join(r.root, file)
			if err := os.Chmod(path, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(path, at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.component("a", showing("value"))
	r.component("b", showing("value"))
	r.plan.Images[0].Context, r.plan.Images[1].Context = "a", "b"
	all := r.plan.Images
	for i, want := range []string{"AAAA", "BBBB"} { // one after the other: the second could get the first's copy
		r.plan.Images = all[i : i+1]
		r.must()
		if out := r.output.String(); !strings.Contains(out, " "+want+"\n") {
			t.Errorf("context %s: its file is not what was built:\n%s", all[i].Context, out)
		}
	}
}

func TestSharedContextIsLoadedOnce(t *testing.T) {
	r := newRepository(t)
	for _, name := range []string{"core", "batch", "monitor"} {
		r.component(name, base+"COPY . /src\nRUN echo "+name+"\n")
	}
	r.opts.Display.Mode = progress.RawJSON
	r.must()
	loads, components := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(r.output.String()) {
		var status struct {
			Component string
			client.SolveStatus
		}
		if err := json.Unmarshal([]byte(line), &status); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		for _, v := range status.Vertexes {
			if v.Name == "[internal] load build context" {
				loads[v.Digest.String()] = true
				components[status.Component] = true
			}
		}
	}
	if len(loads) != 1 || len(components) != 3 {
		t.Errorf("%d components load the context %d times, want 3 and once", len(components), len(loads))
	}
}

func TestBuildOutputIsNoInput(t *testing.T) {
	r := newRepository(t)
	r.component("core", base+"COPY . /src\nRUN echo done\n")
	own := []string{"dist/images/logo.png", "dist/logs/l.txt", "dist/index.html", "web/.astrago/x"} // as 0.1.0 hid some
	for _, name := range own {
		r.write(name, "the application's own file")
	}
	r.must()
	r.write(".astrago/release.json", "{}")
	img := r.must()[0] // .astrago/images and .astrago/logs are full now
	if img.CachedSteps != img.Steps {
		t.Errorf("%d of %d steps are cached: the first build's output changes the second's context", img.CachedSteps, img.Steps)
	}
	for _, name := range own {
		r.write(name, "changed")
		if img := r.must()[0]; img.CachedSteps == img.Steps {
			t.Errorf("%s is not part of the context", name)
		}
	}
}

func TestDockerignore(t *testing.T) {
	r := newRepository(t)
	r.write("secret.txt", "left out")
	r.write(".dockerignore", "secret.txt\n")
	r.component("core", showing("secret.txt"))
	if _, err := r.run(); err == nil || !strings.Contains(err.Error(), `"/secret.txt": not found`) {
		t.Errorf("a file that .dockerignore names is built: %v", err)
	}
	r.write("docker/core/Dockerfile.dockerignore", "nothing\n") // takes the place of the other
	r.must()
	if !strings.Contains(r.output.String(), "left out") {
		t.Errorf("Dockerfile.dockerignore is not used:\n%s", r.output.String())
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The Dockerfile lies below the context, or outside of a context folder of its own; its own ignore file goes with it.
func TestIgnoreFilesOfContextsOfTheirOwn(t *testing.T) {
	for _, tc := range []struct{ context, dockerignore string }{
		{".", ".dockerignore"},
		{".", "docker/core/Dockerfile.dockerignore"},
		{"server", "server/.dockerignore"},
		{"server", "docker/core/Dockerfile.dockerignore"},
	} {
		t.Run(tc.context+" "+tc.dockerignore, func(t *testing.T) {
			r := newRepository(t)
			r.write("server/toolbox", read(t, filepath.Join(r.root, "toolbox")))
			if err := os.Chmod(filepath.Join(r.root, "server", "toolbox"), 0o755); err != nil {
				t.Fatal(err)
			}
			for _, dir := range []string{".", "server"} {
				r.write(dir+"/kept.txt", "kept\n")
				r.write(dir+"/left.txt", "left out\n")
			}
			r.write(tc.dockerignore, "left.*\n")
			r.component("core", base+"COPY *.txt /shown/\nRUN cat /shown/kept.txt && cat /shown/left.txt\n").Context = tc.context
			_, err := r.run()
			if err == nil || !strings.Contains(r.output.String()+err.Error(), "kept") || strings.Contains(r.output.String()+err.Error(), "left out") {
				t.Errorf("%s does not decide: %v\n%s", tc.dockerignore, err, r.output.String())
			}
		})
	}
}

func TestLargeContextIsToldOnce(t *testing.T) {
	r := newRepository(t)
	for i := range 10_050 {
		r.write(fmt.Sprintf("web/node_modules/%d/%d.js", i%40, i), "x")
	}
	for _, name := range []string{"core", "batch"} {
		r.component(name, base+"COPY . /src\nRUN exit 3\n") // a failed build says it, too, and exports nothing
	}
	told := []progress.Warning{}
	r.opts.Warn = func(w progress.Warning) { told = append(told, w) }
	if _, err := r.run(); err == nil {
		t.Error("a failing step has not failed the build")
	}
	if len(told) != 1 || !slices.Equal(told[0].Components, []component.Name{"core", "batch"}) {
		t.Fatalf("told %+v", told)
	}
	for _, want := range []string{`build context "." has 100`, ", most of it in web/node_modules (10050 files)"} {
		if !strings.Contains(told[0].Message, want) {
			t.Errorf("%q is not in %q", want, told[0].Message)
		}
	}
	r.write(".dockerignore", "**/node_modules\n")
	told = nil
	if _, err := r.run(); err == nil {
		t.Error("a failing step has not failed the build")
	}
	if len(told) != 0 {
		t.Errorf("the remedy does not help: %+v", told)
	}
}

// Whatever directory a component is built from counts: its context, a named one, and those of what it needs.
func TestEveryLargeDirectoryIsToldOf(t *testing.T) {
	r := newRepository(t)
	for _, dir := range []string{"lib", "assets"} {
		for i := range 10_001 {
			r.write(fmt.Sprint(dir, "/", i), "")
		}
	}
	lib := *r.component("lib", "FROM scratch\nCOPY . /\n")
	lib.Context = "lib"
	r.plan.Images = nil
	r.component("core", base+"COPY --from=assets . /\nCOPY --from=lib 0 /\n").Contexts = map[string]string{"assets": "assets"}
	r.plan.Images[0].Needs = []plan.Image{lib}
	r.component("batch", base+"COPY --from=assets . /\n").Contexts = map[string]string{"assets": "assets"}
	warned := map[string][]string{}
	r.opts.Warn = func(w progress.Warning) { warned[w.Message] = component.Texts(w.Components) }
	r.must()
	want := map[string][]string{
		`build context "assets" has 10001 files, 0.0 MB`: {"core", "batch"},
		`build context "lib" has 10001 files, 0.0 MB`:    {"core"},
	}
	if !maps.EqualFunc(warned, want, slices.Equal) {
		t.Errorf("warned %v, want %v", warned, want)
	}
}

// A .dockerignore that is a link out of the context is read by every tool but BuildKit.
func TestLinkedIgnoreFileIsToldOf(t *testing.T) {
	r := newRepository(t)
	r.write("server/kept", "")
	r.write("common.dockerignore", "kept\n")
	for name, target := range map[string]string{"server/.dockerignore": "../common.dockerignore", ".dockerignore": "common.dockerignore"} {
		if err := os.Symlink(target, filepath.Join(r.root, name)); err != nil {
			t.Fatal(err)
		}
	}
	r.component("core", "FROM scratch\nCOPY kept /\n").Context = "server"
	r.component("batch", "FROM scratch\nCOPY server /\n")
	warned := map[string][]string{}
	r.opts.Warn = func(w progress.Warning) { warned[w.Message] = component.Texts(w.Components) }
	r.must()
	if len(warned) != 1 || !slices.Equal(warned["server/.dockerignore is a link out of its build context, which BuildKit does not follow: nothing is left out"], []string{"core"}) {
		t.Errorf("warned %v", warned)
	}
}

// A file that changes between hash and transfer fails the build by its name.
func TestFileThatChangesFailsTheBuild(t *testing.T) {
	r := newRepository(t)
	r.write("server/file", "one")
	r.component("core", "FROM scratch\nCOPY . /\n").Context = "server"
	tree, err := worktree.Open(t.Context(), worktree.Options{Root: r.root})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Snapshot(t.Context(), "server", worktree.Filter{}); err != nil {
		t.Fatal(err)
	}
	r.write("server/file", "two")
	r.opts.Files = tree
	_, err = r.run()
	p := problem.As(err)
	if p == nil || !strings.Contains(err.Error(), `reading "file" of build context "server": it changed while it was being built`) || !strings.Contains(p.Remedy, problem.Again) {
		t.Errorf("the build ends with %v", err)
	}
}
