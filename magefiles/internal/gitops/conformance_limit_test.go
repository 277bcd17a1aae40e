package gitops_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

const (
	secondaryText = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
	primaryText   = "API rate limit exceeded for user ID 1."
)

// limits are the scenarios of a bump under GitHub's rate limit: a limit refuses a request before it does anything, so that even the write
// is sent again, after the wait that is asked for.
var limits = []scenario{
	{name: "rate limits are waited for", run: func(s *scene) {
		for _, limit := range rateLimits(s.api()) {
			for _, c := range []call{headCall, writeCall} {
				s.push(map[string]string{shopFile: shopValues})
				s.clock.Reset()
				reply := limit.reply(s.clock.Now())
				s.on(c, 1, github.Action{Reply: &reply})
				before := s.commits()
				result := s.bump(s.release(newSHA, "core"))
				if result.Attempts != 1 || s.commits()-before != 1 {
					s.Errorf("%s: %d attempts and %d commits: a limit is no conflict", limit.name, result.Attempts, s.commits()-before)
				}
				if waited := s.clock.Total(); waited < limit.min || waited > limit.max {
					s.Errorf("%s: waited %s, want %s to %s", limit.name, waited, limit.min, limit.max)
				}
			}
		}
	}},
	{name: "a limit that outlasts the deadline is not waited for", run: func(s *scene) {
		reset := s.clock.Now().Add(50 * time.Minute).Truncate(time.Second)
		r := restFault(http.StatusForbidden, primaryText)
		r.Header = map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": fmt.Sprint(reset.Unix())}
		s.on(headCall, 0, github.Action{Reply: &r})
		_, err := s.client.Bump(s.Context(), s.release(newSHA, "core"))
		wantProblem(s.T, err, problem.Failed, "rate limit of DEPLOY_TOKEN", "after "+reset.UTC().Format(time.RFC3339))
		s.wantCalls(1, 0)
	}},
	// The last request that a limit allows succeeds; a client library may refuse to send the next one by itself.
	{name: "the last request before a limit is no limit yet", notOnEmulate: "its headers cannot be set", run: func(s *scene) {
		reset := fmt.Sprint(time.Now().Add(time.Hour).Unix())
		s.with(withTransport(func(res *http.Response) {
			res.Header.Set("X-Ratelimit-Remaining", "0")
			res.Header.Set("X-Ratelimit-Reset", reset)
		}))
		if result := s.bump(s.release(newSHA, "core")); result.Attempts != 1 || len(s.clock.Waits()) > 0 {
			s.Errorf("%d attempts, waits %v", result.Attempts, s.clock.Waits())
		}
	}},
}

type rateLimit struct {
	name     string
	reply    func(now time.Time) github.Reply
	min, max time.Duration
}

func rateLimits(api config.API) []rateLimit {
	with := func(status int, text string, header map[string]string) func(time.Time) github.Reply {
		return func(time.Time) github.Reply {
			r := restFault(status, text)
			r.Header = header
			return r
		}
	}
	untilReset := func(r github.Reply) func(time.Time) github.Reply {
		return func(now time.Time) github.Reply {
			r.Header = map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": fmt.Sprint(now.Add(30 * time.Second).Unix())}
			return r
		}
	}
	after7 := map[string]string{"Retry-After": "7"}
	all := []rateLimit{
		{"429 with Retry-After", with(http.StatusTooManyRequests, secondaryText, after7), 7 * time.Second, 9 * time.Second},
		{"429 without words", with(http.StatusTooManyRequests, "", nil), time.Minute, 62 * time.Second},
		{"403 with Retry-After", with(http.StatusForbidden, secondaryText, after7), 7 * time.Second, 9 * time.Second},
		{"403 that only says so", with(http.StatusForbidden, secondaryText, nil), time.Minute, 62 * time.Second},
		{"403 until the reset", untilReset(restFault(http.StatusForbidden, primaryText)), 29 * time.Second, 34 * time.Second},
	}
	if api == config.APIGraphQL {
		all = append(all, rateLimit{"200 until the reset", untilReset(graphFault("RATE_LIMITED", "API rate limit exceeded")), 29 * time.Second, 34 * time.Second})
	}
	return all
}
