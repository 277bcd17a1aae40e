package targets_test

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestRejectedImageStaysOut brings the image that a rollback rejected back under other names: a commit that changes documents
// only, the same commit reworded, another component's change. None is deployed, and none ends the hold; the fix does.
func TestRejectedImageStaysOut(t *testing.T) {
	t.Parallel()
	for _, api := range []string{"graphql", "rest"} {
		t.Run(api, func(t *testing.T) {
			a := newWorld(t).application("backend")
			a.replace("astrago.yaml", "      file:", "      api: "+api+"\n      file:")
			fresh := func() { git(t, a.dir, "clean", "-qfdX") } // a checkout has nothing that an earlier `prepare` made
			good := a.next("good")
			fresh()
			bad := a.next("bad")
			a.succeed("rollback", "-env=stage", "-reason=login fails")
			hold := a.hold()
			if strings.Count(hold, "component:") != 3 || strings.Count(hold, "digest:") != 1 || strings.Count(hold, "key:") != 1 {
				t.Errorf("of three components that go back, one comes back as another image; the holds are\n%s", hold)
			}
			tags := []string{"core-stage-" + good, "batch-stage-" + good, "monitor-stage-" + good}
			stays := func(args ...string) {
				t.Helper()
				words := []string{"core is held", "login fails", "the rejected image", "change what core is built from", "mage hold -env=stage -only=core -lift"}
				refused := a.refuse(3, words, args...)
				if strings.Contains(refused.stderr, "▸ build") || strings.Contains(refused.stderr, "▸ tag") {
					t.Errorf("something was built or tagged that may not be deployed:\n%s", refused.stderr)
				}
				a.wantTags(example.ValuesPath, tags...)
				if a.hold() != hold {
					t.Errorf("the holds are now\n%s", a.hold())
				}
			}

			a.write("README.md", "a typo")
			a.commit("docs only")
			stays("release") // once `prepare`, which may have read it, has made what core was built from
			a.succeed("build")
			a.succeed("push")
			stays("bump")
			git(t, a.dir, "reset", "-q", "--hard", bad)
			git(t, a.dir, "commit", "-q", "--amend", "-m", "reworded")
			fresh()
			stays("release", "-dryRun")
			stays("release")
			stays("release", "-only=core")

			a.write("src/batch.txt", "of another component")
			a.commit("batch")
			stays("release")
			a.succeed("hold", "-env=stage", "-lift")
			a.wantMessage("lift(stage): backend core, batch, monitor")
			if got := a.message(); strings.Count(got, "Astrago-Lifted: ") != 3 {
				t.Errorf("each component is lifted once:\n%s", got)
			}
			a.put(map[string]string{".astrago/holds/stage/backend.yaml": hold})
			fixed := a.next("fixed")
			a.wantTags(example.ValuesPath, "core-stage-"+fixed, "batch-stage-"+fixed, "monitor-stage-"+fixed)
		})
	}
}

// hold is the file of holds of the backend in stage.
func (a *application) hold() string {
	a.t.Helper()
	out, err := exec.CommandContext(a.t.Context(), "git", "-C", a.bare, "show", example.Branch+":.astrago/holds/stage/"+a.name+".yaml").Output()
	a.must(err)
	return string(out)
}

// TestRejectedImageOfUnknownKeyGetsNoTag has a daemon alone tell what an image is made of, as nothing else can look up its base: it
// is the rejected one, found again or built again, and is held before anything names it.
func TestRejectedImageOfUnknownKeyGetsNoTag(t *testing.T) {
	t.Parallel()
	a := documented(t)
	a.succeed("release")
	a.write("src/style.css", "bad")
	a.commit("bad")
	a.succeed("release")
	a.succeed("rollback", "-env=stage", "-reason=login fails")
	a.write("README.md", "a word")
	a.commit("docs only")
	refuse := registry.Answer(http.StatusNotFound, nil, "MANIFEST_UNKNOWN", "no such base image")
	a.registry.Inject(registry.On("", registry.Manifest, func(w http.ResponseWriter, r *http.Request, request registry.Request) bool {
		return strings.HasSuffix(request.Repository, "/base") && !strings.HasPrefix(r.UserAgent(), "buildkit") && refuse(w, r, request)
	}))
	for _, args := range [][]string{{"release"}, {"release", "-rebuild"}} {
		got := a.refuse(3, []string{"▸ build", "frontend is held", "login fails"}, args...)
		if strings.Contains(got.stderr, "▸ tag") || a.tagged("frontend-stage-"+a.shortSHA()) {
			t.Errorf("mage %q has tagged what may not be deployed:\n%s", args, got.stderr)
		}
	}
	if actions, whys := a.actions(); actions[0] != "build" || !strings.Contains(whys[0], "/base") {
		t.Errorf("the plan knows what it is made of: %v, %v", actions, whys)
	}
}
