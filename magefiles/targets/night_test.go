package targets_test

import (
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// TestARollbackThatIsCancelledSaysHowToGoOn: the same command would go back once more.
func TestARollbackThatIsCancelledSaysHowToGoOn(t *testing.T) {
	a := newWorld(t).awaited("frontend")
	first := a.next("first")
	a.next("second")
	reached, over := make(chan struct{}), make(chan struct{})
	remove := a.github.Intercept(github.On(mutation, 1, github.Action{After: func() { close(reached); <-over }, Cut: github.CutAnswer}))
	run := a.start("rollback", "-env=stage", "-reason=it's late")
	<-reached
	run.signal(syscall.SIGTERM)
	result := run.wait()
	close(over)
	remove()
	continued := regexp.MustCompile(`→ mage (rollback -env=stage -to=[0-9a-f]{40}) -reason='it'\\''s late'`).FindStringSubmatch(result.stderr)
	if result.code != 143 || continued == nil || strings.Contains(result.stderr, "run the same command again") {
		t.Fatalf("exit code %d\n%s", result.code, result.stderr)
	}
	commits := len(a.log())
	a.last = argocd.Becomes("Progressing", "0 of 1 updated replicas are available")
	again := a.start(strings.Fields(continued[1])...)
	again.stderr.until(t, "0 of 1 updated replicas")
	again.signal(syscall.SIGINT)
	if result := again.wait(); result.code != 130 || !strings.Contains(result.stderr, "→ mage wait -env=stage") {
		t.Errorf("exit code %d\n%s", result.code, result.stderr)
	}
	if len(a.log()) != commits {
		t.Errorf("history %q", a.log())
	}
	a.wantTags(example.ValuesPath, stageTag(first))
	a.refuse(3, []string{"it's late", "this is the rejected build"}, "release")
}
