package rest_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

// TestRulesets tells what a client may know of rules before it meets them.
func TestRulesets(t *testing.T) {
	for form, want := range map[github.Protection]string{
		github.Unprotected: "[]", github.BranchRule: "[]", github.Ruleset: "[non_fast_forward pull_request] never", github.Bypassed: "[non_fast_forward pull_request] always",
	} {
		f := served(t)
		if err := f.Server.Protect(repo, branch, form); err != nil {
			t.Fatal(err)
		}
		var rules []struct {
			Type      string
			RulesetID int `json:"ruleset_id"`
		}
		read(f, "/repos/"+repo+"/rules/branches/"+branch, &rules)
		kinds := []string{}
		for _, rule := range rules {
			kinds = append(kinds, rule.Type)
		}
		got := fmt.Sprint(kinds)
		if len(rules) > 0 {
			var set struct {
				Bypass string `json:"current_user_can_bypass"`
			}
			read(f, fmt.Sprintf("/repos/%s/rulesets/%d", repo, rules[0].RulesetID), &set)
			got += " " + set.Bypass
		}
		if got != want {
			t.Errorf("protection %d shows %s, want %s", form, got, want)
		}
	}
	if status, _, _ := served(t).Send("GET", "/repos/"+repo+"/rulesets/1", token, nil); status != 404 {
		t.Errorf("an unknown ruleset is answered %d", status)
	}
}

func read(f *githubtest.Fixture, path string, into any) {
	f.T.Helper()
	status, _, body := f.Send("GET", path, token, nil)
	if err := json.Unmarshal([]byte(body), into); err != nil || status != 200 {
		f.T.Fatalf("%s is answered %d, %v", path, status, err)
	}
}
