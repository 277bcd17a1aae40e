package targets_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// movement is REST's way to commit.
const movement = "PATCH /repos/{owner}/{repo}/git/refs/{ref}"

// attempt is one process that works on an operation.
type attempt struct {
	*stream

	op             *operation
	trouble        *trouble       // nil: none
	identity       string         // its token, or the name of its App
	app            githubtest.App // zero: it has a token
	credentials    []string       // variables
	first, last    string         // heads of the deployment repository before the start and after the end
	stdout, stderr safeBuffer
	code           int
	interrupted    bool // by a signal of the stream
	barred         bool // by what was withdrawn from its App

	cmd            *exec.Cmd
	started, ended chan struct{}

	mu    sync.Mutex
	seen  int
	fired bool
}

// run starts the process and waits for its end.
func (a *attempt) run(dir string) error {
	a.started, a.ended = make(chan struct{}), make(chan struct{})
	a.cmd = exec.CommandContext(context.WithoutCancel(a.t.Context()), mage, a.op.arguments(a.tag)...) //nolint:gosec // what we compiled
	a.cmd.Dir = dir
	a.cmd.Env = append(append(slices.Clone(a.environ), a.credentials...), "GITHUB_REPOSITORY="+example.Owner+"/"+a.op.service, fmt.Sprintf("GITHUB_RUN_ID=%d", a.op.number), "GITHUB_ACTOR=kim")
	a.cmd.Stdout, a.cmd.Stderr = &a.stdout, lineWriter{a}
	var err error
	if a.first, err = a.github.Head(example.Deployment, example.Branch); err != nil {
		return err
	}
	a.arm()
	defer a.disarm()
	if err := a.cmd.Start(); err != nil {
		return err
	}
	close(a.started)
	err = a.cmd.Wait()
	close(a.ended)
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		return err
	}
	a.code = a.cmd.ProcessState.ExitCode()
	a.last, err = a.github.Head(example.Deployment, example.Branch)
	return err
}

// meets counts what a trouble waits for, and tells when it happens.
func (a *attempt) meets(kinds ...string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.waiting(kinds) {
		return false
	}
	a.seen++
	a.fired = a.seen == a.trouble.nth
	return a.fired
}

func (a *attempt) waitsFor(kinds ...string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.waiting(kinds)
}

func (a *attempt) waiting(kinds []string) bool {
	return a.trouble != nil && !a.fired && slices.Contains(kinds, a.trouble.kind)
}

// signal interrupts the process once Start has returned: its first request may arrive before that.
func (a *attempt) signal(s syscall.Signal) {
	a.mu.Lock()
	a.interrupted = true
	a.mu.Unlock()
	<-a.started
	_ = a.cmd.Process.Signal(s) // it may have ended by itself
}

// met reports what has happened to the process so far. A handler may still be at work on a request of one that has ended.
func (a *attempt) met() (trouble, signal bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.fired, a.interrupted
}

// isUnfinished reports whether another process has to go on.
func (a *attempt) isUnfinished() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return (a.interrupted || a.barred) && a.code != 0 && a.code != 3
}

// kill ends the process, which is gone when it returns.
func (a *attempt) kill() {
	a.signal(syscall.SIGKILL)
	<-a.ended
}

// githubAction decides what happens to a request of this process.
func (a *attempt) githubAction(e github.Exchange) *github.Action {
	bad := &github.Reply{Status: http.StatusBadGateway, Body: "{}"}
	commits := e.Operation == mutation || e.Operation == movement
	if commits {
		a.sends(e.Body)
	}
	if commits && a.meets(lostMutation, lateMutation, cutMutation, revertedAfter, endedAfter, editBefore, killBefore, killDuring, killAfter) {
		switch a.trouble.kind {
		case lostMutation:
			return &github.Action{Reply: bad}
		case lateMutation:
			return &github.Action{Reply: bad, Handle: true}
		case cutMutation:
			return &github.Action{Cut: github.CutAnswer}
		case revertedAfter:
			return &github.Action{Cut: github.CutAnswer, After: func() { a.revert(a.op) }}
		case endedAfter:
			return &github.Action{Cut: github.CutAnswer, After: a.endTokens}
		case editBefore:
			return &github.Action{Before: func() { a.edit(a.op.environment) }}
		case killBefore:
			return &github.Action{Before: a.kill, Reply: bad}
		case killDuring:
			return &github.Action{Before: a.kill}
		case killAfter:
			return &github.Action{After: a.kill, Cut: github.CutAnswer}
		}
	}
	if !a.meets(lostRequest, slowGitHub, killRequest, terminate, endedToken, suspension, withdrawal, uninstallation) {
		return nil
	}
	switch a.trouble.kind {
	case endedToken:
		return &github.Action{Before: a.endTokens}
	case suspension, withdrawal, uninstallation:
		return &github.Action{Before: a.withdraw}
	case lostRequest:
		return &github.Action{Reply: bad}
	case slowGitHub:
		return &github.Action{Delay: 300 * time.Millisecond}
	case terminate:
		return &github.Action{Before: func() { a.signal(syscall.SIGTERM) }}
	}
	return &github.Action{Before: a.kill}
}

// namedCommit is what a request to commit names: its parent for GraphQL, itself for REST.
var namedCommit = regexp.MustCompile(`"(?:expectedHeadOid|sha)":"([0-9a-f]{40})"`)

// sends notes whose request a commit comes from. Of two with the same parent one is made, which the later process takes for its
// own.
func (a *attempt) sends(body []byte) {
	a.stream.mu.Lock()
	defer a.stream.mu.Unlock()
	if found := namedCommit.FindSubmatch(body); found != nil {
		a.senders[fmt.Sprintf("%d %s", a.op.number, found[1])] = a
	}
}

// registryFault answers a request in the registry's place, where that is this process's trouble.
func (a *attempt) registryFault(w http.ResponseWriter, r *http.Request, request registry.Request) bool {
	if !a.meets(registry502, registryCut, registrySlow, killRegistry) {
		return false
	}
	switch a.trouble.kind {
	case registry502:
		return registry.Answer(http.StatusBadGateway, nil, "UNAVAILABLE", "bad gateway")(w, r, request)
	case registryCut:
		return registry.Cut(0)(w, r, request)
	case registrySlow:
		timer := time.NewTimer(300 * time.Millisecond)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		}
	case killRegistry:
		a.kill()
	}
	return false
}

// lineWriter is a process's standard error, which a trouble may wait for.
type lineWriter struct{ *attempt }

func (l lineWriter) Write(p []byte) (int, error) {
	for range bytes.Count(p, []byte("\n")) {
		if l.meets(killLine) {
			l.signal(syscall.SIGKILL) // and not kill: Wait waits for this writer
		}
	}
	return l.stderr.Write(p)
}
