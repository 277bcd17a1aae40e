package gitops_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// automatic is a proposal that is to be merged by itself.
func (r *reviewed) automatic(sha string, rules github.Merging) bump.Bump {
	r.Helper()
	if err := r.SetMerging(repository, rules); err != nil {
		r.Fatal(err)
	}
	b := r.proposal(sha, "core")
	b.Deployment.PullRequest.AutoMerge = true
	return b
}

func TestAutoMergeWaitsForTheRules(t *testing.T) {
	r := newReviewed(t)
	result := r.bump(r.automatic(r.second, github.Merging{Review: true}))
	if result.PullRequest.Merged || r.pull(1).GetAutoMerge().GetMergeMethod() != "squash" {
		t.Errorf("Result = %+v, auto-merge %v", result.PullRequest, r.pull(1).GetAutoMerge())
	}
	if again := r.bump(r.automatic(r.second, github.Merging{Review: true})); !again.UpToDate {
		t.Errorf("Result = %+v", again)
	}
}

// With nothing to wait for GitHub refuses auto-merge; the result then is that of a direct commit.
func TestAutoMergeOfACleanPullRequestMerges(t *testing.T) {
	for name, rules := range map[string]github.Merging{"clean": {}, "unstable": {Checks: true}} {
		t.Run(name, func(t *testing.T) {
			r := newReviewed(t)
			result := r.bump(r.automatic(r.second, rules))
			if head := strings.TrimSpace(r.git("rev-parse", branch)); !result.PullRequest.Merged || result.Commit != commitid.ID(head) || result.UpToDate {
				t.Errorf("Result = %+v, %+v; the base is at %s", result, result.PullRequest, head)
			}
			message := r.git("log", "-1", "--format=%B", branch)
			if !strings.HasPrefix(message, "deploy(stage): backend "+r.second[:8]+"\n") || !strings.Contains(message, "\nAstrago-Bump-Id: "+result.BumpID+"\n") {
				t.Errorf("the base has the message\n%s", message)
			}
			if again := r.bump(r.automatic(r.second, rules)); !again.UpToDate || again.PullRequest != nil || again.Commit != result.Commit {
				t.Errorf("the repetition gives %+v", again)
			}
			_, err := r.client.Bump(t.Context(), r.automatic(r.first, rules))
			wantProblem(t, err, problem.Refused, "a newer build is deployed")
			next := r.bump(r.automatic(r.third, rules)) // the branch still has the commit that was squashed
			if !next.PullRequest.Merged || next.PullRequest.Number != 2 || !strings.Contains(r.content(shopFile), r.third[:8]) {
				t.Errorf("Result = %+v, %+v", next, next.PullRequest)
			}
		})
	}
}

func TestAutoMergeThatTheRepositoryForbids(t *testing.T) {
	r := newReviewed(t)
	_, err := r.client.Bump(t.Context(), r.automatic(r.second, github.Merging{Review: true, NoAutoMerge: true}))
	wantProblem(t, err, problem.Refused, "does not allow it", "Allow auto-merge", "autoMerge", "/pull/1")
}

func TestMergeMeetsAMovedBase(t *testing.T) {
	r := newReviewed(t)
	old := strings.TrimSpace(r.git("rev-parse", branch))
	r.Intercept(github.On(mergeOperation, 1, github.Action{
		Before: func() {
			if err := r.Protect(repository, branch, github.Unprotected); err != nil {
				t.Error(err)
			}
			r.push("README.md", "moved\n")
		},
		Heads: map[string]string{branch: old},
	}))
	result := r.bump(r.automatic(r.second, github.Merging{}))
	if !result.PullRequest.Merged || r.content("README.md") != "moved\n" || !strings.Contains(r.content(shopFile), r.second[:8]) {
		t.Errorf("Result = %+v", result)
	}
}

func TestMergeWhoseAnswerIsLost(t *testing.T) {
	r := newReviewed(t)
	r.Intercept(github.On(mergeOperation, 1, github.Action{Cut: github.CutAnswer}))
	result := r.bump(r.automatic(r.second, github.Merging{}))
	if head := strings.TrimSpace(r.git("rev-parse", branch)); !result.PullRequest.Merged || result.Commit != commitid.ID(head) {
		t.Errorf("Result = %+v, %+v; the base is at %s", result, result.PullRequest, head)
	}
}

func TestLabelsAndReviewers(t *testing.T) {
	r := newReviewed(t)
	b := r.proposal(r.second, "core")
	b.Deployment.PullRequest.Labels = []string{"deploy", "stage"}
	b.Deployment.PullRequest.Reviewers = []string{"kim", "acme/ops"}
	r.bump(b)
	pull := r.pull(1)
	if len(pull.Labels) != 2 || len(pull.RequestedReviewers) != 1 || len(pull.RequestedTeams) != 1 || pull.RequestedTeams[0].GetSlug() != "ops" {
		t.Errorf("pull request %v", pull)
	}
	if err := r.Review(repository, 1, "kim"); err != nil {
		t.Fatal(err)
	}
	r.bump(b)
	if len(r.pull(1).RequestedReviewers) != 0 {
		t.Error("who has reviewed this commit is asked again")
	}
	next := r.proposal(r.third, "core")
	next.Deployment.PullRequest = b.Deployment.PullRequest
	r.bump(next)
	if len(r.pull(1).RequestedReviewers) != 1 {
		t.Error("nobody is asked to review the new commit")
	}
}

// GitHub lists at most 100 reviews at once, the oldest first.
func TestReviewBehindManyOthersCounts(t *testing.T) {
	r := newReviewed(t)
	b := r.proposal(r.second, "core")
	b.Deployment.PullRequest.Reviewers = []string{"kim"}
	r.bump(b)
	for range 120 {
		if err := r.Review(repository, 1, "hubot"); err != nil {
			t.Fatal(err)
		}
	}
	next := r.proposal(r.third, "core")
	next.Deployment.PullRequest = b.Deployment.PullRequest
	r.bump(next)
	if err := r.Review(repository, 1, "kim"); err != nil {
		t.Fatal(err)
	}
	r.bump(next)
	if len(r.pull(1).RequestedReviewers) != 0 {
		t.Error("the reviewer of this commit is asked again")
	}
}

func TestAuthorAsReviewerIsANotice(t *testing.T) {
	r := newReviewed(t)
	b := r.proposal(r.second, "core")
	b.Deployment.PullRequest.Reviewers = []string{"octocat"}
	if result := r.bump(b); result.PullRequest == nil {
		t.Errorf("Result = %+v", result)
	}
	r.noticed("Review cannot be requested from pull request author")
}

// A pull request has the subject that is worded as its title, and leaves it on the base whichever way it is merged; a rule on messages
// that its merge breaks is named.
func TestPullRequestIsWorded(t *testing.T) {
	r := newReviewed(t)
	if err := r.RequireMessage(repository, branch, `^OPS-[0-9]+ `); err != nil {
		t.Fatal(err)
	}
	_, err := r.client.Bump(t.Context(), r.automatic(r.second, github.Merging{}))
	wantProblem(t, err, problem.Refused, "GitHub does not merge it", "message: 'TEAM-1 {{ .Headline }}'")
	b := worded(r.automatic(r.second, github.Merging{}), "OPS-1 {{ .Headline }}")
	result := r.bump(b)
	want := "OPS-1 deploy(stage): backend " + r.second[:8]
	if title := r.pull(1).GetTitle(); title != want || !result.PullRequest.Merged {
		t.Errorf("the title is %q, want %q; Result = %+v", title, want, result.PullRequest)
	}
	message := r.git("log", "-1", "--format=%B", branch)
	if !strings.HasPrefix(message, want+"\n") || !strings.Contains(message, "\nAstrago-Bump-Id: "+result.BumpID+"\n") {
		t.Errorf("the base has the message\n%s", message)
	}
	if again := r.bump(b); !again.UpToDate || again.Commit != result.Commit {
		t.Errorf("the repetition gives %+v", again)
	}
}
