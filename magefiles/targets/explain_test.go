package targets_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// explained are what `plan -explain -json` says of each component.
func (a *application) explained(args ...string) (changes map[string]string) {
	a.t.Helper()
	var plan struct {
		Images []struct {
			Component, Action, Why, Since string
			Changes                       []string
		}
	}
	a.must(json.Unmarshal([]byte(a.succeed(append([]string{"plan", "-explain", "-json"}, args...)...).stdout), &plan))
	changes = map[string]string{}
	for _, image := range plan.Images {
		changes[image.Component] = image.Action + " since " + image.Since + ": " + strings.Join(image.Changes, "; ")
	}
	return changes
}

// TestPlanExplains tells what has changed of each image that is to be built, and nothing of the others.
func TestPlanExplains(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.withoutPrepare()
	if got := a.explained()["core"]; got != "build since : no image of the 1 commit before is published" {
		t.Errorf("before the first release: %s", got)
	}
	a.succeed("release")
	sha := a.sha()
	a.write("README.md", "nothing that counts")
	a.commit("a word")
	a.write("src/core.txt", "a changed program")
	a.replace("docker/batch/Dockerfile", "CMD", "ENV A=b\nCMD")
	a.commit("core and batch")
	got := a.explained()
	for component, want := range map[string]string{
		"core": "build since " + sha + ": COPY src/core.txt", "batch": "build since " + sha + ": ", "monitor": "retag since : ",
	} {
		if !strings.HasPrefix(got[component], want) {
			t.Errorf("%s: %s, want %s", component, got[component], want)
		}
	}
	if shown := a.succeed("plan", "-explain").stdout; !strings.Contains(shown, "core since commit "+sha[:8]) || !strings.Contains(shown, "core.txt") {
		t.Errorf("shown are\n%s", shown)
	}
	image, err := registry.Image(map[string][]byte{"bin/other": []byte("x")})
	a.must(err)
	_, err = registry.Push(t.Context(), a.base(), image, "dev", a.registryToken)
	a.must(err)
	if got := a.explained()["monitor"]; !strings.Contains(got, "acme/base:1 moved") {
		t.Errorf("after the base has moved: %s", got)
	}
}

// TestPlanExplainsWhatIsPrepared names the files that `prepare` may read, as only it tells what it makes of them.
func TestPlanExplainsWhatIsPrepared(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.succeed("release")
	a.write("src/core.txt", "a changed program")
	a.commit("core")
	if got := a.explained()["batch"]; !strings.Contains(got, "1 file that changed: src/core.txt") {
		t.Errorf("batch: %s", got)
	}
}

// TestPlanNamesEachCause leaves no row open because of another one's registry, base image or frontend.
func TestPlanNamesEachCause(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.withoutPrepare()
	a.replace("docker/batch/Dockerfile", "FROM ${BASE}", "FROM "+a.registry.Addr()+"/acme/gone:1")
	a.replace("docker/monitor/Dockerfile", "ARG BASE", "# syntax=docker/dockerfile:1.99\nARG BASE")
	a.replace("astrago.yaml", "environments:", "  other: { dockerfile: docker/core/Dockerfile, image: "+a.registry.Addr()+"/elsewhere/other, args: { BASE: "+a.base()+" } }\nenvironments:")
	a.commit("each its own cause")
	a.registry.Inject(registry.On(http.MethodHead, registry.Manifest, func(w http.ResponseWriter, r *http.Request, request registry.Request) bool {
		return request.Repository == "elsewhere/other" && registry.Answer(http.StatusForbidden, nil, "DENIED", "not yours")(w, r, request)
	}))
	actions, whys := a.actions()
	want(t, "each by itself", actions, "build build build unknown")
	for i, word := range []string{"no published image", "acme/gone:1", "only a daemon", "denied"} {
		if !strings.Contains(strings.ToLower(whys[i]), word) {
			t.Errorf("row %d says %q, and not %q", i, whys[i], word)
		}
	}
}
