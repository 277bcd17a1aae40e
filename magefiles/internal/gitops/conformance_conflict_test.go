package gitops_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

const (
	bumped      = "core-stage-a1b2c3d4"
	frontendOld = "frontend-stage-00000000"
	frontendNew = "frontend-stage-11111111"
	theirs      = "core-stage-ffffffff"
	ours9f      = "core-stage-9f8e7d6c"
)

func replaced(text string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(text)
}

// moves are the commits of another writer meanwhile.
var moves = []struct {
	name  string
	files map[string]string
}{
	{"another file", map[string]string{"README.md": "new\n"}},
	{"another key", map[string]string{shopFile: replaced(shopValues, frontendOld, frontendNew)}},
	{"the same key", map[string]string{shopFile: replaced(shopValues, ours9f, theirs)}},
}

// conflicts are the scenarios of a bump whose head moves.
var conflicts = slices.Concat(movedBetweenCalls(), []scenario{
	{name: "a head that has moved to the wanted value ends up to date", run: func(s *scene) {
		var sha string
		s.on(writeCall, 1, github.Action{Before: func() {
			sha = s.push(map[string]string{shopFile: replaced(shopValues, ours9f, bumped)})
		}})
		if result := s.bump(s.release(newSHA, "core")); !result.UpToDate || result.Commit != commitid.ID(sha) {
			s.Errorf("Result = %+v, want up to date at %s", result, sha)
		}
	}},
	{name: "what was approved is asked about on every head", run: func(s *scene) {
		refused, b := errors.New("not approved"), s.release(newSHA, "core")
		b.Approve = func(draft *edit.Draft) error {
			if draft.Assigned[0].Before == theirs {
				return refused
			}
			return nil
		}
		s.on(writeCall, 1, github.Action{Before: func() { s.push(map[string]string{shopFile: replaced(shopValues, ours9f, theirs)}) }})
		if _, err := s.client.Bump(s.Context(), b); !errors.Is(err, refused) {
			s.Errorf("the error is %v", err)
		}
		s.wantContent(shopFile, replaced(shopValues, ours9f, theirs))
	}},
	{name: "a digest that is pinned beside the tag meanwhile is seen", run: func(s *scene) {
		pinned := replaced(shopValues, "    imageTag: \"core", "    digest: sha256:"+strings.Repeat("aa", 32)+"\n    imageTag: \"core")
		s.on(writeCall, 1, github.Action{Before: func() { s.push(map[string]string{shopFile: pinned}) }})
		_, err := s.client.Bump(s.Context(), s.release(newSHA, "core"))
		wantProblem(s.T, err, problem.Refused, "the digest at shop.core.digest would stay")
		s.wantContent(shopFile, pinned)
	}},
	{name: "a head that never rests is a conflict", run: func(s *scene) {
		s.with(func(o *gitops.Options) { o.Attempts = 4 })
		moves := 0
		s.on(writeCall, 0, github.Action{Before: func() {
			moves++
			s.push(map[string]string{"README.md": fmt.Sprintf("%d\n", moves)})
		}})
		_, err := s.client.Bump(s.Context(), s.release(newSHA, "core"))
		wantProblem(s.T, err, problem.Conflict, s.repository()+"@"+branch, "4 attempts", "run the same command again")
		s.wantCalls(5, 4) // the last look is for a commit of ours
		if s.clock.Total() == 0 {
			s.Error("there was no wait between the attempts")
		}
	}},
	{name: "a bot that commits 20 seconds after each bump", run: func(s *scene) {
		// The next release comes 19.9 seconds after the last: its read is before the bot's commit and its write after.
		for n := range 5 {
			result := s.bump(s.release(fmt.Sprintf("%08x%s", n+1, newSHA[8:]), "core"))
			if want := min(n+1, 2); result.Attempts != want {
				s.Errorf("release %d took %d attempts, want %d", n, result.Attempts, want)
			}
			s.clock.Advance(19900 * time.Millisecond)
			s.on(headCall, 1, github.Action{After: func() {
				s.clock.Advance(100 * time.Millisecond)
				s.push(map[string]string{"monochart/stage.yaml": fmt.Sprintf("rendered: %d\n", n)})
			}})
		}
		s.bump(s.release(newSHA, "core"))
		s.wantContent("monochart/stage.yaml", "rendered: 4\n")
		s.wantContent(shopFile, replaced(shopValues, ours9f, bumped))
	}},
	{name: "a conflict is told", run: func(s *scene) {
		var notices []string
		s.with(func(o *gitops.Options) { o.Notice = func(text string) { notices = append(notices, text) } })
		s.on(writeCall, 1, github.Action{Before: func() { s.push(map[string]string{"README.md": "moved\n"}) }})
		s.bump(s.release(newSHA, "core"))
		if want := s.repository() + "@" + branch + ": the branch has moved, looking again (1 of 20)"; !slices.Contains(notices, want) {
			s.Errorf("notices %q, want %q", notices, want)
		}
	}},
	{name: "a cancellation between attempts stops", run: func(s *scene) {
		cause := errors.New("SIGTERM")
		ctx, cancel := context.WithCancelCause(s.Context())
		s.on(writeCall, 0, github.Action{Before: func() { s.push(map[string]string{"README.md": "moved\n"}) }})
		s.clock.OnSleep = func() { cancel(cause) }
		if _, err := s.client.Bump(ctx, s.release(newSHA, "core")); !errors.Is(err, cause) {
			s.Errorf("error is %v, want the cause", err)
		}
		s.wantCalls(1, 1)
	}},
	{name: "a cancellation before the write writes nothing", run: func(s *scene) {
		cause := errors.New("SIGTERM")
		ctx, cancel := context.WithCancelCause(s.Context())
		s.on(headCall, 1, github.Action{After: func() { cancel(cause) }})
		before := s.commits()
		if _, err := s.client.Bump(ctx, s.release(newSHA, "core")); !errors.Is(err, cause) {
			s.Errorf("error is %v, want the cause", err)
		}
		if s.commits() != before {
			s.Error("committed after the cancellation")
		}
	}},
	{name: "a cancellation during the write is finished by the next run", run: func(s *scene) {
		cause := errors.New("SIGTERM")
		ctx, cancel := context.WithCancelCause(s.Context())
		s.on(writeCall, 1, github.Action{After: func() { cancel(cause) }})
		before := s.commits()
		if _, err := s.client.Bump(ctx, s.release(newSHA, "core")); err != nil && !errors.Is(err, cause) {
			s.Errorf("error is %v, want the cause", err)
		}
		s.bump(s.release(newSHA, "core"))
		if got := s.commits() - before; got != 1 {
			s.Errorf("%d commits, want 1", got)
		}
	}},
	{name: "a replica that lags after a commit of ours", notOnEmulate: "it has no replicas", run: func(s *scene) {
		old := s.head()
		s.bump(s.release(newSHA, "core"))
		s.on(headCall, 1, github.Action{Heads: map[string]string{branch: string(old)}})
		next := strings.Replace(newSHA, "a1", "b2", 1)
		result := s.bump(s.release(next, "core"))
		if result.Attempts != 2 || result.Changes[0].Old.String() != bumped {
			s.Errorf("Result = %+v, want the second attempt to replace %q", result, bumped)
		}
	}},
	{name: "a file that is deleted meanwhile", run: func(s *scene) {
		s.on(writeCall, 1, github.Action{Before: func() { s.push(map[string]string{shopFile: ""}) }})
		_, err := s.client.Bump(s.Context(), s.release(newSHA, "core"))
		wantProblem(s.T, err, problem.Refused, shopFile, "does not exist")
	}, notOnEmulate: "its pushes cannot delete"},
	{name: "a file that becomes a directory meanwhile", run: func(s *scene) {
		s.on(writeCall, 1, github.Action{Before: func() {
			s.push(map[string]string{shopFile: ""})
			s.push(map[string]string{shopFile + "/core.yaml": "tag: x\n"})
		}})
		_, err := s.client.Bump(s.Context(), s.release(newSHA, "core"))
		wantProblem(s.T, err, problem.Refused, shopFile, "a directory")
	}, notOnEmulate: "its pushes cannot delete"},
	{name: "every text for a head that has moved is a conflict", run: func(s *scene) {
		overtaken := fmt.Sprintf("is at %s but expected %s", newSHA, oldSHA)
		for _, reply := range map[config.API][]github.Reply{
			config.APIGraphQL: {
				graphFault("STALE_DATA", "whatever it says"),
				graphFault("", `Expected branch to point to "`+oldSHA+`" but it did not.  Pull and try again.`),
				graphFault("UNPROCESSABLE", overtaken),
			},
			config.APIREST: {
				restFault(http.StatusUnprocessableEntity, "Update is not a fast forward"),
				restFault(http.StatusUnprocessableEntity, "Update is not a fast-forward"),
				restFault(http.StatusUnprocessableEntity, overtaken),
				restFault(http.StatusConflict, overtaken),
			},
		}[s.api()] {
			s.on(writeCall, 1, github.Action{Reply: &reply})
		}
		faults := 3
		if s.api() == config.APIREST {
			faults = 4
		}
		if result := s.bump(s.release(newSHA, "core")); result.Attempts != 1+faults {
			s.Errorf("%d attempts, want one more than %d conflicts", result.Attempts, faults)
		}
	}},
})

// movedBetweenCalls moves the head before the first request, the second, and so on: whatever was read until then, both
// changes survive.
func movedBetweenCalls() []scenario {
	var all []scenario
	for _, move := range moves {
		all = append(all, scenario{name: "the head moves between any two calls by " + move.name, run: func(s *scene) {
			s.bump(s.release(newSHA, "core"))
			calls := s.count(anyCall)
			s.push(map[string]string{shopFile: shopValues, "README.md": "values of every environment\n"})
			for n := 1; n <= calls; n++ {
				moveBefore(s, n, move.files)
			}
		}})
	}
	return all
}

func moveBefore(s *scene, n int, files map[string]string) {
	done := false
	before := s.commits()
	s.on(anyCall, n, github.Action{Before: func() {
		s.push(files)
		done = true
	}})
	result := s.bump(s.release(newSHA, "core"))
	if !done || result.UpToDate || result.Attempts > 2 || s.commits()-before != 2 {
		s.Errorf("call %d: Result = %+v, %d commits, moved: %v", n, result, s.commits()-before, done)
	}
	want := map[string]string{shopFile: shopValues, "README.md": "values of every environment\n"}
	maps.Copy(want, files)
	s.wantContent(shopFile, replaced(want[shopFile], ours9f, bumped, theirs, bumped))
	s.wantContent("README.md", want["README.md"])
	s.push(map[string]string{shopFile: shopValues, "README.md": "values of every environment\n"})
}
