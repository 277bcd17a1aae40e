package targets_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

func (a *application) git(args ...string) {
	a.t.Helper()
	a.must(example.Git(a.t.Context(), a.dir, args...))
}

// TestPushTakesWhatBuildMadeOfItsCommit changes the tree and commits between the two: what was built is pushed for its own commit
// alone, byte for byte.
func TestPushTakesWhatBuildMadeOfItsCommit(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	built, _ := a.images("build")
	of := a.shortSHA()
	a.write("src/style.css", "changed since the build")
	a.refuse(3, []string{"src/style.css", "commit or stash"}, "push")
	a.commit("change the program")
	a.refuse(1, []string{"frontend-stage-" + a.shortSHA(), "was not built for this commit"}, "push")
	a.nothing()
	a.git("checkout", "-q", "HEAD~1")
	a.env = []string{noDaemon, "GITHUB_REF_NAME=" + example.Branch}
	pushed, _ := a.images("push")
	if pushed["frontend"] != built["frontend"] || !a.tagged("frontend-stage-"+of) {
		t.Errorf("pushed %v, built %v", pushed, built)
	}
	a.pushAgain(built["frontend"])
}

// pushAgain pushes a commit whose image the registry has: with another build of the same sources, and with none.
func (a *application) pushAgain(digest string) {
	a.t.Helper()
	a.env = []string{"GITHUB_REF_NAME=" + example.Branch, "SOURCE_DATE_EPOCH=86400"} // stands for a build that is not reproducible
	if again, _ := a.images("build", "-rebuild"); again["frontend"] == digest {
		a.t.Fatal("the second build has the digest of the first")
	}
	if got := a.succeed("push"); !strings.Contains(got.stderr, "stays "+digest) || !strings.Contains(got.stdout, digest) {
		a.t.Errorf("push of another build gives %q and says\n%s", got.stdout, got.stderr)
	}
	a.must(os.RemoveAll(filepath.Join(a.dir, ".astrago")))
	if pushed, states := a.images("push"); pushed["frontend"] != digest || states["frontend"] != "exists" {
		a.t.Errorf("without a build %v is pushed, %v", pushed, states)
	}
}

// TestEditWhileBuilding changes a file after it was hashed, and before the daemon gets it.
func TestEditWhileBuilding(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.whileBuilding(func() { a.write("src/style.css", "not committed") })
	a.refuse(1, []string{`"src/style.css"`, "changed while it was being built", "run the same command again"}, "build")
	a.nothing()
	a.git("checkout", "-q", ".")
	built, _ := a.images("build")
	if pushed, _ := a.images("push"); pushed["frontend"] != built["frontend"] {
		t.Errorf("pushed %v, built %v", pushed, built)
	}

	a.write("src/style.css", "another style")
	a.commit("change the style")
	a.whileBuilding(func() { a.write("src/style.css", "not committed") })
	if result := a.run("release"); result.code == 0 || !strings.Contains(result.stderr, "src/style.css") { // which step sees it first is open
		t.Errorf("the release ended with %d:\n%s", result.code, result.stderr)
	}
	if a.tagged("frontend-stage-" + a.shortSHA()) {
		t.Error("the release has tagged what it could not build")
	}
	a.git("checkout", "-q", ".")
	a.whileBuilding(func() { // there and back: the daemon gets what was hashed
		a.write("src/style.css", "not committed")
		a.write("src/style.css", "another style")
	})
	a.succeed("release")
}

// whileBuilding does something once, when the daemon looks up a base image: before it gets the context.
func (a *application) whileBuilding(do func()) {
	var once sync.Once
	a.registry.Inject(registry.On("", registry.Manifest, func(_ http.ResponseWriter, r *http.Request, _ registry.Request) bool {
		if strings.HasPrefix(r.UserAgent(), "buildkit") {
			once.Do(do)
		}
		return false
	}))
}
