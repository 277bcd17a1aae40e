package publish_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/publish"
	"github.com/xiilab/astrago-ci/magefiles/internal/publish/prebuilt"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// released is a world whose version has targets for two platforms, and a count of how often they were compiled.
func released(t *testing.T) (w *world, built *int) {
	t.Helper()
	w, _ = logged(t)
	built = w.compiles("a", "content of linux", "content of darwin")
	return w, built
}

// compiles lets the world's content, named by one digit, have programs.
func (w *world) compiles(content, linux, darwin string) (built *int) {
	w.Helper()
	built = new(int)
	dir := w.TempDir()
	set := prebuilt.Set{Dir: dir, Sums: prebuilt.Sums{Content: strings.Repeat(content, 40), From: "https://github.com/" + own + "/releases/download"}}
	for platform, text := range map[string]string{"linux-amd64": linux, "darwin-arm64": darwin} {
		p := prebuilt.Program{Platform: platform, SHA256: strings.Repeat("0", 62) + string("0123456789abcdef"[len(text)%16]) + "1", Size: int64(len(text))}
		set.Programs = append(set.Programs, p)
		w.must(os.WriteFile(filepath.Join(dir, p.AssetName()), []byte(text), 0o644))
	}
	slices.SortFunc(set.Programs, func(a, b prebuilt.Program) int { return strings.Compare(a.Platform, b.Platform) })
	w.targets = &publish.Targets{Content: set.Content, Build: func(context.Context) (prebuilt.Set, error) { *built++; return set, nil }}
	return built
}

func (w *world) assets(tag string) string {
	w.Helper()
	var all []string
	for name, data := range w.ReleaseAssets(own, tag) {
		all = append(all, name+"="+string(data))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

const bothAssets = "targets-darwin-arm64.gz=content of darwin targets-linux-amd64.gz=content of linux"

// TestATagHasTheSumsOfItsTargets in the commit that names the version, and its release has the programs; repeated, nothing is built.
func TestATagHasTheSumsOfItsTargets(t *testing.T) {
	w, built := released(t)
	w.must(w.publish("0.2.0"))
	if got := w.git(w.bare[own], "diff", "--name-only", "main^", "v0.2.0"); got != "CHANGELOG.md\n"+prebuilt.SumsPath {
		t.Errorf("the commit changes %q", got)
	}
	sums, err := prebuilt.Parse(w.git(w.bare[own], "show", "v0.2.0:"+prebuilt.SumsPath))
	if err != nil || sums.Content != w.targets.Content || len(sums.Programs) != 2 {
		t.Errorf("sums %+v, %v", sums, err)
	}
	if got := w.assets("v0.2.0"); got != bothAssets {
		t.Errorf("the release has %q", got)
	}
	before, requests := *built, len(w.Requests())
	w.must(w.publish("0.2.0"))
	w.git(w.clone, "pull", "-q", "origin", "main")
	w.must(w.publish("0.2.0"))
	if *built != before {
		t.Error("the repetition compiled")
	}
	for _, r := range w.Requests()[requests:] {
		if r.Method != http.MethodGet {
			t.Errorf("the repetition wrote: %s %s", r.Method, r.Path)
		}
	}
}

// TestAKilledPublishAttachesTheRest wherever it was killed: before the tag, the release, an upload, in an upload, before it is public.
func TestAKilledPublishAttachesTheRest(t *testing.T) {
	for name, stop := range map[string]string{
		"before the tag":          "POST /repos/{owner}/{repo}/git/refs",
		"before the release":      "POST /repos/{owner}/{repo}/releases",
		"before the first upload": "POST /uploads/repos/{owner}/{repo}/releases/{id}/assets",
		"before it is public":     "PATCH /repos/{owner}/{repo}/releases/{id}",
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := released(t)
			t.Cleanup(w.Intercept(github.On(stop, 1, github.Action{Reply: &github.Reply{Status: http.StatusForbidden, Body: `{"message":"no"}`}})))
			if err := w.publish("0.2.0"); err == nil {
				t.Fatal("it was not stopped")
			}
			w.must(w.publish("0.2.0"))
			if got := w.assets("v0.2.0"); got != bothAssets || w.git(w.bare[own], "rev-list", "--count", "v0.1.0..v0.2.0") != "2" {
				t.Errorf("the release has %q", got)
			}
		})
	}
	t.Run("in an upload", func(t *testing.T) {
		w, _ := released(t)
		w.must(w.publish("0.2.0"))
		w.ReleaseAssets(own, "v0.2.0", "targets-linux-amd64.gz")
		w.must(w.publish("0.2.0"))
		if got := w.assets("v0.2.0"); got != bothAssets {
			t.Errorf("the release has %q", got)
		}
	})
}

// TestOtherProgramsAreNotAttached to a version whose commit records the sums of others.
func TestOtherProgramsAreNotAttached(t *testing.T) {
	w, _ := released(t)
	w.must(w.publish("0.2.0"))
	w.ReleaseAssets(own, "v0.2.0", "targets-linux-amd64.gz")

	w.compiles("a", "planted", "content of darwin")
	if p := problem.As(w.publish("0.2.0")); p == nil || p.Status != problem.Refused || !strings.Contains(p.Error(), "not those that its scripts/targets.sum records") {
		t.Errorf("other bytes of the same content: %v", p)
	}
	built := w.compiles("b", "content of linux", "content of darwin")
	p := problem.As(w.publish("0.2.0"))
	if p == nil || p.Status != problem.Conflict || !strings.Contains(p.Remedy, "v0.2.0") || *built != 0 {
		t.Errorf("other content: %v", p)
	}
	if got := w.assets("v0.2.0"); strings.Contains(got, "linux") {
		t.Errorf("the release has %q", got)
	}
}

// TestNothingIsTaggedWithoutTargets: what does not compile is no version.
func TestNothingIsTaggedWithoutTargets(t *testing.T) {
	w, raised := logged(t)
	broken := errors.New("it does not compile")
	w.targets = &publish.Targets{Content: strings.Repeat("a", 40), Build: func(context.Context) (prebuilt.Set, error) { return prebuilt.Set{}, broken }}
	if err := w.publish("0.2.0"); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
	if w.git(w.bare[own], "rev-parse", "main") != raised || w.git(w.bare[own], "tag", "-l", "v0.2.0") != "" {
		t.Error("main or a tag has moved")
	}
}
