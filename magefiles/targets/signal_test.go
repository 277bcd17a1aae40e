package targets_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// finish runs the same command again after a kill, and wants exactly one commit of it.
func (a *application) finish() {
	a.t.Helper()
	a.registry.Heal()
	a.succeed("release")
	if got, want := a.log(), []string{"deploy(stage): " + a.name + " " + a.shortSHA(), "Initial commit"}; !slices.Equal(got, want) {
		a.t.Errorf("history %q, want %q", got, want)
	}
	if got := strings.Count(a.values(), a.shortSHA()); got != strings.Count(strings.Join(a.components(), ","), ",")+1 {
		a.t.Errorf("%d values are set:\n%s", got, a.values())
	}
}

func (a *application) components() []string {
	if a.name == "backend" {
		return []string{"core", "batch", "monitor"}
	}
	return []string{"frontend"}
}

func TestTerminatedWhileBuilding(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.replace("docker/core/Dockerfile", "CMD", "RUN sleep 3\nCMD")
	a.commit("a slow step")
	for signal, code := range map[syscall.Signal]int{syscall.SIGTERM: 143, syscall.SIGINT: 130} {
		run := a.start("release")
		run.stderr.until(t, "RUN sleep 3")
		run.signal(signal)
		result := run.wait()
		if result.code != code || !strings.Contains(result.stderr, "cancelled by "+map[syscall.Signal]string{syscall.SIGTERM: "SIGTERM", syscall.SIGINT: "SIGINT"}[signal]) {
			t.Errorf("%v: exit code %d, want %d\n%s", signal, result.code, code, result.stderr)
		}
		a.nothing()
	}
	a.finish()
}

func TestTerminatedWhilePushing(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	var run *running
	arrived := make(chan struct{})
	a.registry.Inject(registry.On(http.MethodPut, registry.Upload, registry.Nth(2, func(_ http.ResponseWriter, r *http.Request, _ registry.Request) bool {
		close(arrived)
		<-r.Context().Done() // the client goes away in the middle of its upload
		return true
	})))
	run = a.start("release")
	<-arrived
	run.signal(syscall.SIGTERM)
	if result := run.wait(); result.code != 143 {
		t.Errorf("exit code %d\n%s", result.code, result.stderr)
	}
	tagged := slices.ContainsFunc(a.registry.Requests(), func(r registry.Request) bool {
		return r.Method == http.MethodPut && r.Kind == registry.Manifest && strings.HasPrefix(r.Target, "core-stage")
	})
	if tagged || len(a.log()) != 1 {
		t.Errorf("tagged %v after the signal, history %q", tagged, a.log())
	}
	a.finish()
}

// TestTerminatedBetweenPushAndBump stops when the last tag was looked at again, before the commit.
func TestTerminatedBetweenPushAndBump(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	var run *running
	asked := make(chan struct{})
	remove := a.github.Intercept(github.On(mutation, 1, github.Action{
		Before: func() { close(asked); <-t.Context().Done() },
		Reply:  &github.Reply{Status: 502, Body: "{}"},
	}))
	run = a.start("release")
	<-asked
	run.signal(syscall.SIGTERM)
	if result := run.wait(); result.code != 143 {
		t.Errorf("exit code %d\n%s", result.code, result.stderr)
	}
	remove()
	if len(a.log()) != 1 {
		t.Errorf("history %q", a.log())
	}
	pushes := a.registry.Count(http.MethodPut, registry.Upload)
	a.finish()
	if again := a.registry.Count(http.MethodPut, registry.Upload); again != pushes {
		t.Errorf("the repetition uploaded %d blobs", again-pushes)
	}
}

// TestKilledAfterTheCommit loses the answer to the commit and the process with it: the repetition finds the commit.
func TestKilledAfterTheCommit(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	committed := make(chan struct{})
	release := make(chan struct{})
	remove := a.github.Intercept(github.On(mutation, 1, github.Action{After: func() { close(committed); <-release }, Cut: github.CutAnswer}))
	run := a.start("release")
	<-committed
	run.signal(syscall.SIGKILL)
	run.wait()
	close(release)
	remove()
	a.finish()
}

// TestLostAnswer cuts the connection after the commit was made: the same run finds it and makes no second one.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	defer a.github.Intercept(github.On(mutation, 1, github.Action{Cut: github.CutAnswer}))()
	a.finish()
}

// TestKilledWhileTagging kills runs at each manifest that they put for an image of an earlier commit: a fresh runner, which has not
// run `prepare`, knows what they have left for its own.
func TestKilledWhileTagging(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"release", "push"} {
		t.Run(command, func(t *testing.T) {
			a := newWorld(t).application("backend")
			a.killedWhileTagging(command)
		})
	}
}

func (a *application) killedWhileTagging(command string) {
	a.t.Helper()
	a.succeed("build", "-only=monitor")
	a.succeed("push", "-only=monitor")
	a.succeed("release")
	a.git("clean", "-qfdx", "-e", ".astrago")
	const puts = 3 // the commit, what `prepare` made it from, and the tag
	for n := int64(1); n <= puts; n++ {
		a.write("README.md", fmt.Sprint("a word, and ", n))
		a.commit("a word")
		if command == "push" {
			a.succeed("build", "-only=monitor") // .astrago/images has it
		}
		reached, over := make(chan struct{}), make(chan struct{})
		stop := registry.Call(func(registry.Request) { close(reached); <-over })
		a.registry.Inject(registry.On(http.MethodPut, registry.Manifest, registry.Nth(n, stop)))
		run := a.start(command, "-only=monitor")
		<-reached
		run.signal(syscall.SIGKILL)
		run.wait()
		close(over)
		a.registry.Heal()
		a.git("clean", "-qfdx", "-e", ".astrago")
		a.succeed("release", "-only=monitor")
		a.wantTags(example.ValuesPath, "monitor-stage-"+a.shortSHA())
	}
}
