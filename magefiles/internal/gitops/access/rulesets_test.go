package access_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// rule is a rule in force on the branch, of a ruleset with what GitHub says of bypasses; "" where it does not say.
type rule struct{ kind, bypass string }

// stating has GitHub answer with rules, the nth of ruleset n. It counts how often a ruleset is looked into.
func stating(rules []rule, looked *int) github.Interceptor {
	return func(e github.Exchange) *github.Action {
		switch e.Operation {
		case rulesOperation:
			var body []map[string]any
			for n, r := range rules {
				body = append(body, map[string]any{"type": r.kind, "ruleset_id": n})
			}
			data, _ := json.Marshal(body) // strings and numbers never fail
			action := reply(http.StatusOK, string(data))
			return &action
		case rulesetOperation:
			*looked++
			n := 0
			if _, err := fmt.Sscan(e.Path[strings.LastIndex(e.Path, "/")+1:], &n); err != nil || rules[n].bypass == "" {
				action := reply(http.StatusForbidden, `{"message":"Resource not accessible by personal access token"}`)
				return &action
			}
			action := reply(http.StatusOK, fmt.Sprintf(`{"current_user_can_bypass":%q}`, rules[n].bypass))
			return &action
		}
		return nil
	}
}

// TestOnlyARuleThatSurelyRefusesIsAProblem, over every two rules of two rulesets: one that nobody can tell of is a notice, and one that
// is no obstacle to a direct commit, or that may be bypassed, nothing at all.
func TestOnlyARuleThatSurelyRefusesIsAProblem(t *testing.T) {
	server, checker := serve(t, time.Minute)
	kinds := []string{"pull_request", "required_status_checks", "update", "non_fast_forward", "deletion", "of_tomorrow"}
	blocks := map[string]bool{"pull_request": true, "required_status_checks": true, "update": true}
	refuses := map[string]string{"never": "yes", "pull_requests_only": "yes", "": "perhaps", "of tomorrow": "perhaps"}
	var all []rule
	for _, kind := range kinds {
		for _, bypass := range []string{"always", "exempt", "never", "pull_requests_only", "", "of tomorrow"} {
			all = append(all, rule{kind, bypass})
		}
	}
	for n, first := range all {
		rules := []rule{first, all[(n*7+5)%len(all)]}
		var surely, perhaps []string
		toLookAt := 0
		for _, r := range rules {
			if !blocks[r.kind] {
				continue
			}
			toLookAt++
			switch refuses[r.bypass] {
			case "yes":
				surely = append(surely, "rule "+r.kind)
			case "perhaps":
				perhaps = append(perhaps, "rule "+r.kind)
			}
		}
		looked := 0
		remove := server.Intercept(stating(rules, &looked))
		notice, err := checker.CheckRules(t.Context(), target)
		p := problem.As(err)
		switch {
		case len(surely) > 0:
			if p == nil || p.Status != problem.Refused || !strings.Contains(err.Error(), strings.Join(surely, ", ")) || notice != "" {
				t.Errorf("%q: %q, %v", rules, notice, err)
			}
		case err != nil || (notice != "") != (len(perhaps) > 0) || !strings.HasSuffix(notice, strings.Join(perhaps, ", ")):
			t.Errorf("%q: %q, %v", rules, notice, err)
		}
		if looked != toLookAt {
			t.Errorf("%q: rulesets were looked into %d times, want %d", rules, looked, toLookAt)
		}
		if notice, err := checker.CheckRules(t.Context(), proposed); notice != "" || err != nil {
			t.Errorf("%q, by a pull request: %q, %v", rules, notice, err)
		}
		remove()
	}
}

// TestServerWithoutRulesetsHasNone: one from before them answers that there is no such path.
func TestServerWithoutRulesetsHasNone(t *testing.T) {
	server, checker := serve(t, time.Minute)
	server.Intercept(github.On(rulesOperation, 0, reply(http.StatusNotFound, `{"message":"Not Found"}`)))
	if notice, err := checker.CheckRules(t.Context(), target); notice != "" || err != nil {
		t.Errorf("%q, %v", notice, err)
	}
}

// TestClassicProtectionByWhatItShows to everyone; an archived repository takes nothing, by no way.
func TestClassicProtectionByWhatItShows(t *testing.T) {
	server, checker := serve(t, time.Minute)
	for name, test := range map[string]struct {
		answer                   string
		notice, direct, proposal string
	}{
		"none":       {`{"isArchived":false,"ref":{"refUpdateRule":null}}`, "", "", ""},
		"no branch":  {`{"isArchived":false,"ref":null}`, "", "", ""},
		"may push":   {`{"ref":{"refUpdateRule":{"viewerCanPush":true,"requiredApprovingReviewCount":0}}}`, "", "", ""},
		"approvals":  {`{"ref":{"refUpdateRule":{"viewerCanPush":true,"requiredApprovingReviewCount":2}}}`, "wants 2 approvals", "", ""},
		"no push":    {`{"ref":{"refUpdateRule":{"viewerCanPush":false}}}`, "", "does not let the token's owner push", ""},
		"is archive": {`{"isArchived":true,"ref":null}`, "", "is archived", "is archived"},
	} {
		remove := server.Intercept(github.On("query repository", 0, reply(http.StatusOK, `{"data":{"repository":`+test.answer+`}}`)))
		notice, err := checker.CheckRules(t.Context(), target)
		wantAnswer(t, name, notice, err, test.notice, test.direct)
		notice, err = checker.CheckRules(t.Context(), proposed)
		wantAnswer(t, name+", by a pull request", notice, err, "", test.proposal)
		remove()
	}
}

// wantAnswer checks a notice and a refusal by what they say; "" is none.
func wantAnswer(t *testing.T, name, notice string, err error, wantNotice, refusal string) {
	t.Helper()
	if (notice == "") != (wantNotice == "") || !strings.Contains(notice, wantNotice) {
		t.Errorf("%s: notice %q", name, notice)
	}
	p := problem.As(err)
	if (err == nil) != (refusal == "") || (err != nil && (p == nil || p.Status != problem.Refused || !strings.Contains(err.Error(), refusal))) {
		t.Errorf("%s: %v", name, err)
	}
}

// TestARulesetIsLookedIntoOnce, however many of its rules are in force.
func TestARulesetIsLookedIntoOnce(t *testing.T) {
	server, checker := serve(t, time.Minute)
	const rules = `[{"type":"pull_request","ruleset_id":0},{"type":"update","ruleset_id":0},{"type":"workflows","ruleset_id":0}]`
	server.Intercept(github.On(rulesOperation, 0, reply(http.StatusOK, rules)))
	looked := 0
	server.Intercept(stating([]rule{{"pull_request", "never"}}, &looked))
	_, err := checker.CheckRules(t.Context(), target)
	wantAnswer(t, "three rules", "", err, "", "rule pull_request, rule update, rule workflows")
	if looked != 1 {
		t.Errorf("it was looked into %d times", looked)
	}
}

// TestRulesOfEveryPageCount: the one that refuses is the last of a list that GitHub gives out in pages of at most 100.
func TestRulesOfEveryPageCount(t *testing.T) {
	for _, before := range []int{0, 1, 99, 100, 101, 250} {
		server, checker := serve(t, time.Minute)
		pages, looked := 0, 0
		rules := slices.Repeat([]rule{{"deletion", "never"}}, before)
		rules = append(rules, rule{"pull_request", "never"})
		first := stating(rules, &looked)
		server.Intercept(func(e github.Exchange) *github.Action {
			if e.Operation != rulesOperation {
				return first(e)
			}
			var body []map[string]any
			for n := pages * 100; n < min(pages*100+100, len(rules)); n++ {
				body = append(body, map[string]any{"type": rules[n].kind, "ruleset_id": n})
			}
			pages++
			data, _ := json.Marshal(body) // strings and numbers never fail
			action := reply(http.StatusOK, string(data))
			return &action
		})
		if _, err := checker.CheckRules(t.Context(), target); problem.As(err) == nil || !strings.Contains(err.Error(), "rule pull_request") {
			t.Errorf("behind %d others: %v", before, err)
		}
		if want := len(rules)/100 + 1; pages != want || looked != 1 {
			t.Errorf("%d rules: %d pages, want %d; %d rulesets were looked into", len(rules), pages, want, looked)
		}
	}
}
