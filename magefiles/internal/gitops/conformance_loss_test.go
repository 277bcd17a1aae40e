package gitops_test

import (
	"net/http"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

const insideText = "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug."

// failures are the ways to get no answer, each before and after the request had its effect.
func failures(api config.API) map[string]github.Action {
	all := map[string]github.Action{
		"cut after":         {Cut: github.CutAnswer},
		"cut within":        {Cut: github.CutBody},
		"cut on the way":    {Reply: &github.Reply{Status: http.StatusBadGateway}, Cut: github.CutAnswer},
		"proxy's page":      {Reply: &github.Reply{Status: http.StatusOK, Header: map[string]string{"Content-Type": "text/html"}, Body: "<html>"}, Handle: true},
		"500 before":        {Reply: new(restFault(http.StatusInternalServerError, "Server Error"))},
		"500 after":         {Reply: new(restFault(http.StatusInternalServerError, "Server Error")), Handle: true},
		"502 before":        {Reply: new(restFault(http.StatusBadGateway, "Server Error"))},
		"502 after":         {Reply: new(restFault(http.StatusBadGateway, "Server Error")), Handle: true},
		"503 with a date":   {Reply: &github.Reply{Status: http.StatusServiceUnavailable, Header: map[string]string{"Retry-After": "2"}}},
		"504 without words": {Reply: &github.Reply{Status: http.StatusGatewayTimeout, Body: "<html>"}, Handle: true},
	}
	if api == config.APIGraphQL {
		all["internal error before"] = github.Action{Reply: new(graphFault("", insideText))}
		all["internal error after"] = github.Action{Reply: new(graphFault("", insideText)), Handle: true}
	}
	return all
}

// losses are the scenarios of a bump with lost answers: there is exactly one commit in the end.
//
//go:fix inline
var losses = []scenario{
	{name: "a lost answer to the write makes one commit", run: func(s *scene) {
		for name, action := range failures(s.api()) {
			s.push(map[string]string{shopFile: shopValues})
			before := s.commits()
			s.on(writeCall, 1, action)
			result := s.bump(s.release(newSHA, "core"))
			if got := s.commits() - before; got != 1 {
				s.Errorf("%s: %d commits, want 1", name, got)
			}
			if result.Commit != s.head() || result.UpToDate || len(result.Changes) != 1 {
				s.Errorf("%s: Result = %+v, want the head", name, result)
			}
		}
	}},
	{name: "a lost answer to any other call is asked for again", run: func(s *scene) {
		s.bump(s.release(newSHA, "core"))
		calls := s.count(anyCall)
		for n := 1; n < calls; n++ { // the last one is the write
			for _, name := range []string{"cut after", "cut within", "502 before", "500 after"} {
				s.push(map[string]string{shopFile: shopValues})
				before := s.commits()
				s.on(anyCall, n, failures(s.api())[name])
				if result := s.bump(s.release(newSHA, "core")); result.Attempts != 1 || s.commits()-before != 1 {
					s.Errorf("%s at call %d: %d attempts, %d commits", name, n, result.Attempts, s.commits()-before)
				}
			}
		}
	}},
	{name: "reads are not repeated for ever", run: func(s *scene) {
		s.on(headCall, 0, github.Action{Reply: new(restFault(http.StatusBadGateway, "Server Error"))})
		_, err := s.client.Repo.Read(s.Context(), s.release(newSHA).Deployment)
		if err == nil || !strings.Contains(err.Error(), "502") || !strings.Contains(err.Error(), s.repository()) {
			s.Errorf("error is %v", err)
		}
		s.wantCalls(5, 0)
	}},
	{name: "the lost answer of the last attempt is looked up", run: func(s *scene) {
		s.with(func(o *gitops.Options) { o.Attempts = 1 })
		s.on(writeCall, 1, github.Action{Cut: github.CutAnswer})
		if result := s.bump(s.release(newSHA, "core")); result.Commit != s.head() || result.UpToDate {
			s.Errorf("Result = %+v", result)
		}
	}},
	{name: "a lost commit is found below later ones", run: func(s *scene) {
		var lost string
		s.on(writeCall, 1, github.Action{Cut: github.CutAnswer, After: func() {
			lost = string(s.head())
			s.push(map[string]string{shopFile: replaced(shopValues, ours9f, theirs)}) // a newer release
		}})
		before := s.commits()
		result := s.bump(s.release(newSHA, "core"))
		if got := s.commits() - before; got != 2 || result.Commit != commitid.ID(lost) {
			s.Errorf("%d commits, want ours and the newer one; Commit = %s, want %s", got, result.Commit, lost)
		}
		s.wantContent(shopFile, replaced(shopValues, ours9f, theirs))
	}},
	// The old head is shown after the commit: the compare-and-swap refuses the repetition.
	{name: "a lost commit is found behind a replica that lags", notOnEmulate: "it has no replicas", run: func(s *scene) {
		old := s.head()
		s.on(writeCall, 1, github.Action{Cut: github.CutAnswer})
		s.on(headCall, 2, github.Action{Heads: map[string]string{branch: string(old)}})
		before := s.commits()
		result := s.bump(s.release(newSHA, "core"))
		if got := s.commits() - before; got != 1 || result.Commit != s.head() {
			s.Errorf("%d commits, want 1; Commit = %s, want %s", got, result.Commit, s.head())
		}
	}},
	{name: "an earlier bump is not taken for the lost one", run: func(s *scene) {
		earlier := s.bump(s.release(newSHA, "core"))
		s.push(map[string]string{shopFile: shopValues}) // rolled back
		s.on(writeCall, 1, github.Action{Reply: new(restFault(http.StatusBadGateway, "Server Error"))})
		if result := s.bump(s.release(newSHA, "core")); result.Commit == earlier.Commit {
			s.Errorf("Result = %+v: the earlier commit was taken for the lost one", result)
		}
		s.wantContent(shopFile, replaced(shopValues, ours9f, bumped))
	}},
	{name: "lost answers without end are a failure", run: func(s *scene) {
		s.with(func(o *gitops.Options) { o.Attempts = 3 })
		s.on(writeCall, 0, github.Action{Reply: new(restFault(http.StatusBadGateway, "Server Error"))})
		before := s.commits()
		_, err := s.client.Bump(s.Context(), s.release(newSHA, "core"))
		wantProblem(s.T, err, problem.Failed, "502", "3 attempts", "no second commit")
		if s.commits() != before {
			s.Error("there is a commit")
		}
	}},
	{name: "a slow answer is waited for", run: func(s *scene) {
		s.on(anyCall, 0, github.Action{Delay: delay})
		if result := s.bump(s.release(newSHA, "core")); result.Attempts != 1 {
			s.Errorf("Result = %+v", result)
		}
	}},
	{name: "an answer that never comes ends at the deadline", run: func(s *scene) {
		s.with(func(o *gitops.Options) { o.Deadline = 2 * delay })
		s.on(headCall, 0, github.Action{Delay: 1000 * delay})
		before := s.commits()
		_, err := s.client.Bump(s.Context(), s.release(newSHA, "core"))
		wantProblem(s.T, err, problem.Failed, "giving up", s.repository()+"@"+branch)
		if s.commits() != before {
			s.Error("there is a commit")
		}
	}},
	{name: "waits grow and are spread", run: func(s *scene) {
		s.with(func(o *gitops.Options) { o.Jitter = func() float64 { return 0.5 } })
		for range 3 {
			s.on(headCall, 1, github.Action{Reply: new(restFault(http.StatusBadGateway, "Server Error"))})
		}
		s.read(s.release(newSHA).Deployment)
		if waits := s.clock.Waits(); len(waits) != 3 || !slices.IsSorted(waits) || waits[0] == 0 || waits[2] == waits[0] {
			s.Errorf("waits %v", waits)
		}
	}},
}
