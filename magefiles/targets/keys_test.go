package targets_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// noDaemon makes a run fail that builds something.
const noDaemon = "BUILDKIT_HOST=unix:///nonexistent/buildkitd.sock"

// images are the digests and states of a release by component.
func (a *application) images(args ...string) (digests, states map[string]string) {
	a.t.Helper()
	var report struct {
		Images []struct{ Component, Digest, State string }
	}
	a.must(json.Unmarshal([]byte(a.succeed(append(args, "-json")...).stdout), &report))
	digests, states = map[string]string{}, map[string]string{}
	for _, image := range report.Images {
		digests[image.Component], states[image.Component] = image.Digest, image.State
	}
	return digests, states
}

// actions are what a plan says about each component, in the order of the configuration.
func (a *application) actions(args ...string) (actions, whys []string) {
	a.t.Helper()
	var plan struct {
		Images []struct{ Action, Why string }
	}
	a.must(json.Unmarshal([]byte(a.succeed(append([]string{"plan", "-json"}, args...)...).stdout), &plan))
	for _, image := range plan.Images {
		actions, whys = append(actions, image.Action), append(whys, image.Why)
	}
	return actions, whys
}

func want(t *testing.T, what string, got []string, want string) {
	t.Helper()
	if joined := strings.Join(got, " "); joined != want {
		t.Errorf("%s: %s, want %s", what, joined, want)
	}
}

// configs are the digests of images' configurations.
func (a *application) configs(images map[string]string) []string {
	a.t.Helper()
	var configs []string
	for _, digest := range images {
		image, err := registry.Pull(a.t.Context(), strings.TrimSuffix(a.imageAt(""), ":")+"@"+digest, "dev", a.registryToken)
		a.must(err)
		config, err := image.ConfigName()
		a.must(err)
		configs = append(configs, config.String())
	}
	return configs
}

// TestWhatIsPublishedIsNotBuiltAgain releases commits that change one component, and none.
func TestWhatIsPublishedIsNotBuiltAgain(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	actions, _ := a.actions()
	want(t, "before the first release", actions, "build build build")
	if got := a.succeed("plan", "-json").stdout; !strings.Contains(got, `"linux/`+runtime.GOARCH+`"`) { // else any machine's image would do
		t.Errorf("the plan names no platform of this machine:\n%s", got)
	}
	first, _ := a.images("release")
	built := a.shortSHA()
	actions, _ = a.actions()
	want(t, "after the first release", actions, "done done done")

	a.write("README.md", "nothing that counts")
	a.commit("a word")
	actions, whys := a.actions()
	want(t, "after a commit that `prepare` may have read", actions, "build build build")
	if !strings.Contains(whys[0], "prepare") {
		t.Errorf("the plan says %q", whys[0])
	}
	a.env = []string{noDaemon}
	before := len(a.registry.Requests())
	second, states := a.images("release")
	for component, digest := range first {
		if second[component] != digest || states[component] != "retagged" {
			t.Errorf("%s is %s, %s; was %s", component, second[component], states[component], digest)
		}
	}
	requests := a.registry.Requests()[before:]
	configs := a.configs(first) // what an image says of itself is read, its layers are not
	for _, r := range requests {
		content := r.Kind == registry.Blob && !strings.HasSuffix(r.Repository, "/base") && !slices.Contains(configs, r.Target)
		if content || r.Kind == registry.Upload && (r.Method == http.MethodPut || r.Method == http.MethodPatch) {
			t.Errorf("the release asks the registry for %s %s", r.Method, r.Target)
		}
	}
	out, err := exec.CommandContext(t.Context(), "git", "-C", a.bare, "log", "-1", "--format=%(trailers:key=Astrago-Source,valueonly)", example.Branch).Output()
	if err != nil || !strings.HasPrefix(string(out), "acme/backend@"+a.shortSHA()) {
		t.Errorf("the commit names %q, %v", out, err)
	}
	if got := a.succeed("release"); !strings.Contains(got.stderr, "nothing to do") {
		t.Errorf("the repetition says\n%s", got.stderr)
	}
	a.git("clean", "-qfdx") // as a fresh runner has it
	a.write("README.md", "something else")
	a.commit("another word")
	a.succeed("release")
	a.git("clean", "-qfdx")
	a.git("commit", "-q", "--allow-empty", "-m", "nothing")
	actions, whys = a.actions()
	want(t, "after a commit that changes no file", actions, "retag retag retag")
	if !strings.Contains(whys[0], built) {
		t.Errorf("the plan says %q", whys[0])
	}
	if got := a.succeed("release"); strings.Contains(got.stderr, "▸ prepare") {
		t.Errorf("`prepare` has run for sources that it was run for:\n%s", got.stderr)
	}

	a.env = nil
	a.write("src/core.txt", "a changed program")
	a.commit("change core")
	actions, _ = a.actions()
	want(t, "after a change of core", actions, "build build build")
	third, states := a.images("release")
	if third["core"] == first["core"] || states["core"] != "pushed" || third["batch"] != first["batch"] || states["batch"] != "retagged" {
		t.Errorf("digests %v, states %v", third, states)
	}
	if strings.Count(a.values(), a.shortSHA()) != 3 {
		t.Errorf("values\n%s", a.values())
	}
}

// documented is an application whose documents are no part of its image.
func documented(t *testing.T) *application {
	t.Helper()
	a := newWorld(t).application("frontend")
	a.write(".dockerignore", "*.md\n")
	a.commit("leave documents out")
	return a
}

func TestRebuildIgnoresWhatIsPublished(t *testing.T) {
	t.Parallel()
	a := documented(t)
	a.succeed("release")
	a.write("README.md", "nothing that counts")
	a.commit("a word")
	want(t, "without -rebuild", first(a.actions()), "retag")
	want(t, "with -rebuild", first(a.actions("-rebuild")), "build")
	rebuilt, states := a.images("release", "-rebuild")
	if states["frontend"] != "pushed" {
		t.Errorf("states %v", states)
	}
	a.nextTakes(rebuilt)
}

// nextTakes releases one more commit of the same inputs, which takes the image that was pushed last.
func (a *application) nextTakes(digests map[string]string) {
	a.t.Helper()
	a.write("README.md", "nothing that counts either")
	a.commit("another word")
	if released, states := a.images("release"); states["frontend"] != "retagged" || released["frontend"] != digests["frontend"] {
		a.t.Errorf("the commit after it has %v, %v, want %v", released, states, digests)
	}
}

func first(list, _ []string) []string { return list }

// TestSomebodyPublishesTheSameMeanwhile runs the workflow of a commit twice at once: what one has built gives way to nothing that the
// other has published, and says what is there; the same command then finds that.
func TestSomebodyPublishesTheSameMeanwhile(t *testing.T) {
	t.Parallel()
	a := documented(t)
	published, _ := a.images("release")
	a.write("README.md", "nothing that counts")
	a.commit("a word")
	reached, over := make(chan struct{}), make(chan struct{})
	a.registry.Inject(registry.On(http.MethodPost, registry.Upload, registry.Nth(1, registry.Call(func(registry.Request) { close(reached); <-over }))))
	building := a.start("release", "-rebuild", "-json")
	<-reached
	a.succeed("release")
	close(over)
	result := building.wait()
	if result.code != 3 || len(a.log()) != 3 {
		t.Errorf("exit code %d, history %q", result.code, a.log())
	}
	result.says(t, published["frontend"], "to be pushed", "no run deploys another's image for the one that it has built", "run the same command again")
	if again, states := a.images("release", "-rebuild"); again["frontend"] != published["frontend"] || states["frontend"] != "exists" {
		t.Errorf("again %v, %v", again, states)
	}
	if len(a.log()) != 3 {
		t.Errorf("history %q", a.log())
	}
}

// TestTheTagMovesBeforeTheCommit has another run put its image on the tag once this one has looked at it: that is not deployed either.
func TestTheTagMovesBeforeTheCommit(t *testing.T) {
	t.Parallel()
	a := documented(t)
	var looked atomic.Int64
	tag := "frontend-stage-" + a.shortSHA()
	a.registry.Inject(registry.On(http.MethodHead, registry.Manifest, func(_ http.ResponseWriter, _ *http.Request, r registry.Request) bool {
		if r.Target == tag && a.tagged(tag) && looked.Add(1) == 2 { // after the look that a push takes at what it has put
			a.plant(tag, forgery{})
		}
		return false
	}))
	a.refuse(3, []string{"refusing to deploy", tag, "this run has built"}, "release")
	if looked.Load() < 2 || len(a.log()) != 1 {
		t.Errorf("looked %d times, history %q", looked.Load(), a.log())
	}
}

// TestMovedBase builds again when the base image is another one by now.
func TestMovedBase(t *testing.T) {
	t.Parallel()
	a := documented(t)
	a.succeed("release")
	a.write("README.md", "nothing that counts")
	a.commit("a word")
	want(t, "with the same base", first(a.actions()), "retag")
	image, err := registry.Image(map[string][]byte{"bin/other": []byte("x")})
	a.must(err)
	_, err = registry.Push(t.Context(), a.base(), image, "dev", a.registryToken)
	a.must(err)
	want(t, "with another base", first(a.actions()), "build")
}

// TestWhatARunHasTaggedStaysRight also once its base image has moved: another run of the commit knows what the first one built or found.
func TestWhatARunHasTaggedStaysRight(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("frontend", "")
	a.write(".dockerignore", "*.md\n")
	a.replace("astrago.yaml", "service: frontend", "service: frontend\ntag: '{{ .Component }}-{{ .ShortSHA }}'")
	a.commit("one tag for both environments")
	for _, state := range []string{"pushed", "retagged"} {
		a.env = nil
		if _, states := a.images("release", "-env=stage", "-force"); states["frontend"] != state {
			t.Fatalf("states %v, want %s", states, state)
		}
		image, err := registry.Image(map[string][]byte{"bin/other": []byte(state)})
		a.must(err)
		original, err := registry.Pull(t.Context(), a.base(), "dev", a.registryToken)
		a.must(err)
		_, err = registry.Push(t.Context(), a.base(), image, "dev", a.registryToken)
		a.must(err)
		a.env = []string{noDaemon}
		a.succeed("bump", "-env=prod", "-force")
		_, err = registry.Push(t.Context(), a.base(), original, "dev", a.registryToken)
		a.must(err)
		a.write("README.md", "nothing that counts, "+state)
		a.commit("a word")
	}
}

// TestKeyTagOfAnotherImage does not believe a tag: what it names must say that it is made of the same.
func TestKeyTagOfAnotherImage(t *testing.T) {
	t.Parallel()
	a := documented(t)
	a.succeed("release")
	a.write("README.md", "nothing that counts")
	a.commit("a word")
	want(t, "with the image of these inputs", first(a.actions()), "retag")
	i := slices.IndexFunc(a.registry.Requests(), func(r registry.Request) bool {
		return r.Method == http.MethodPut && r.Kind == registry.Manifest && strings.HasPrefix(r.Target, "key1-")
	})
	if i < 0 {
		t.Fatal("no image was tagged by its key")
	}
	image, err := registry.Image(map[string][]byte{"bin/other": []byte("x")})
	a.must(err)
	ref := a.registry.Addr() + "/" + example.Owner + "/frontend:" + a.registry.Requests()[i].Target
	_, err = registry.Push(t.Context(), ref, image, "dev", a.registryToken)
	a.must(err)
	actions, whys := a.actions()
	want(t, "with another image under that tag", actions, "build")
	if !strings.Contains(whys[0], "has another one") {
		t.Errorf("the plan says %q", whys[0])
	}
	built, _ := a.images("release")
	a.nextTakes(built) // the tag names the right image by now
}

// TestTagWithoutTheCommit keeps a tag to what it was first pushed with: the same inputs are done, others refused.
func TestTagWithoutTheCommit(t *testing.T) {
	t.Parallel()
	a := documented(t)
	a.replace("astrago.yaml", "service: frontend", "service: frontend\ntag: '{{ .Component }}-{{ .Environment }}'")
	a.commit("one tag for all")
	a.succeed("release", "-force") // the value was set after the example's commits
	a.write("README.md", "nothing that counts")
	a.replace("Dockerfile", "CMD", "ENV A=b\nCMD")
	a.commit("other inputs")
	a.refuse(3, []string{"another image", "frontend-stage", "other sources"}, "release")
	if got := a.refuse(3, []string{"another image", "other sources"}, "push"); strings.Contains(got.stderr, "level=") {
		t.Errorf("a library writes to standard error:\n%s", got.stderr)
	}
	actions, whys := a.actions()
	want(t, "with another image under the tag", actions, "refuse")
	if !strings.Contains(whys[0], "other sources at commit") {
		t.Errorf("the plan says %q", whys[0])
	}
	a.replace("Dockerfile", "ENV A=b\n", "")
	a.commit("the inputs of before")
	want(t, "with the same sources", first(a.actions()), "done")
	a.env = []string{noDaemon}
	a.succeed("release")
}

func TestChangedSince(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.withoutPrepare()
	a.succeed("release")
	a.write("src/batch.txt", "a changed program")
	a.commit("change batch")
	actions, _ := a.actions("-changedSince=HEAD~1")
	want(t, "since the commit before", actions, "build")
	a.succeed("release", "-changedSince=HEAD~1")
	if values := a.values(); strings.Count(values, a.shortSHA()) != 1 || !strings.Contains(values, "batch-stage-"+a.shortSHA()) {
		t.Errorf("values\n%s", values)
	}
	if got := a.succeed("release", "-changedSince=HEAD"); !strings.Contains(got.stderr, "no component has changed since HEAD") {
		t.Errorf("a release of nothing says\n%s", got.stderr)
	}
	a.refuse(2, []string{"no-such-tag", "fetch-depth: 0"}, "release", "-changedSince=no-such-tag")
}

// withoutPrepare has the images of the backend copy what `prepare` would have made their files from.
func (a *application) withoutPrepare() {
	a.t.Helper()
	text, err := os.ReadFile(filepath.Join(a.dir, "astrago.yaml"))
	a.must(err)
	begin, rest, _ := strings.Cut(string(text), "prepare:")
	_, end, found := strings.Cut(rest, "components:")
	if !found {
		a.t.Fatal("nothing is prepared")
	}
	a.write("astrago.yaml", begin+"components:"+end)
	for _, component := range []string{"core", "batch", "monitor"} {
		a.replace("docker/"+component+"/Dockerfile", "build/libs/"+component+".jar", "src/"+component+".txt")
	}
	a.commit("prepare nothing")
}

// TestBuildTakesWhatItHas needs no daemon for images that dist has, whatever commit they were built for.
func TestBuildTakesWhatItHas(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	first, _ := a.images("build")
	a.write("README.md", "nothing that counts")
	a.commit("a word")
	a.env = []string{noDaemon}
	if second, _ := a.images("build"); second["core"] != first["core"] || len(second) != 3 {
		t.Errorf("%v, was %v", second, first)
	}
	pushed, _ := a.images("push")
	if pushed["core"] != first["core"] {
		t.Errorf("pushed %v", pushed)
	}
	a.succeed("release") // bumps alone
}

// TestTheDaemonPushes leaves the images in the registry by digest; push in another process only tags them.
func TestTheDaemonPushes(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	kept, _ := a.images("build")
	a.replace("astrago.yaml", "service: backend", "service: backend\noutput: registry")
	a.commit("let the daemon push")
	built, _ := a.images("build", "-rebuild")
	if built["core"] == "" || a.tagged("core-stage-"+a.shortSHA()) {
		t.Fatalf("built %v", built)
	}
	pushed, states := a.images("push")
	if pushed["core"] != built["core"] || states["core"] != "pushed" || !a.tagged("core-stage-"+a.shortSHA()) {
		t.Errorf("pushed %v, %v; built %v; kept %v", pushed, states, built, kept)
	}
	a.env = []string{noDaemon}
	a.succeed("release") // bumps alone
	a.env = nil
	a.write("src/core.txt", "a changed program")
	a.commit("change core")
	if _, states = a.images("release"); states["core"] != "pushed" || states["batch"] != "retagged" {
		t.Errorf("states %v", states)
	}
}

// TestTheDaemonOfAnotherMachinePushes has a daemon whose address does not show that it is on this machine: a release has it push,
// and a build still leaves its images here.
func TestTheDaemonOfAnotherMachinePushes(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.env = []string{"BUILDKIT_HOST=tcp://0.0.0.0:" + a.relay()}
	if got := a.succeed("release"); !strings.Contains(got.stderr, "nothing sent from here") || !a.tagged("frontend-stage-"+a.shortSHA()) {
		t.Errorf("the release says\n%s", got.stderr)
	}
	a.write("src/style.css", "another style")
	a.commit("change the style")
	a.succeed("build")
	if got := a.succeed("push"); strings.Contains(got.stderr, " 0 B sent") {
		t.Errorf("nothing is pushed from here:\n%s", got.stderr)
	}
}

// relay listens on loopback for the daemon, and gives its port.
func (a *application) relay() string {
	a.t.Helper()
	socket := strings.TrimPrefix(sharedDaemon.Connection(a.t).Address, "unix://")
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	a.must(err)
	a.t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", socket)
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
			go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
		}
	}()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	a.must(err)
	return port
}

// tagged reports whether a manifest was put under the tag.
func (a *application) tagged(tag string) bool {
	return slices.ContainsFunc(a.registry.Requests(), func(r registry.Request) bool {
		return r.Method == http.MethodPut && r.Kind == registry.Manifest && r.Target == tag && r.Status < 300
	})
}
