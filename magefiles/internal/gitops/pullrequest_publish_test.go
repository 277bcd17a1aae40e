package gitops_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func TestPullRequestKeepsCommitsOfOthers(t *testing.T) {
	r := newReviewed(t)
	r.bump(r.proposal(r.second, "core"))
	theirs, err := r.Commit(t.Context(), repository, pullBranch, "chore: more replicas", map[string][]byte{"replicas": []byte("3\n")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.client.Bump(t.Context(), r.proposal(r.third, "core"))
	wantProblem(t, err, problem.Refused, "commits of others", theirs[:8], "chore: more replicas", "Somebody Else", "gh pr close 1 --delete-branch")
	if got := strings.TrimSpace(r.git("rev-parse", pullBranch)); got != theirs {
		t.Errorf("the branch is at %s, want their commit", got)
	}
}

// Somebody pushes to the branch while we replace it: the compare-and-swap refuses, and the second look finds the commit.
func TestPullRequestKeepsCommitsThatArriveMeanwhile(t *testing.T) {
	r := newReviewed(t)
	r.bump(r.proposal(r.second, "core"))
	var theirs string
	r.Intercept(github.On(refsOperation, 2, github.Action{Before: func() {
		var err error
		if theirs, err = r.Commit(t.Context(), repository, pullBranch, "chore: more replicas", map[string][]byte{"replicas": []byte("3\n")}); err != nil {
			t.Error(err)
		}
	}}))
	_, err := r.client.Bump(t.Context(), r.proposal(r.third, "core"))
	wantProblem(t, err, problem.Refused, "commits of others", "more replicas")
	if got := strings.TrimSpace(r.git("rev-parse", pullBranch)); got != theirs {
		t.Errorf("the branch is at %s, want their commit", got)
	}
}

// The button "Update branch" leaves a merge of the base, which is nobody's work.
func TestPullRequestTakesOverAMergeOfItsBase(t *testing.T) {
	r := newReviewed(t)
	first := r.bump(r.proposal(r.second, "core"))
	if err := r.Protect(repository, branch, github.Unprotected); err != nil {
		t.Fatal(err)
	}
	r.push("README.md", "the base goes on\n")
	tree := strings.TrimSpace(r.git("merge-tree", "--write-tree", branch, pullBranch))
	merge := strings.TrimSpace(r.git("-c", "user.name=kim", "-c", "user.email=kim@example.com", "commit-tree", tree,
		"-p", string(first.Commit), "-p", branch, "-m", "Merge branch '"+branch+"' into "+pullBranch))
	r.git("update-ref", "refs/heads/"+pullBranch, merge)
	r.wantBranch(r.bump(r.proposal(r.third, "core")), r.third[:8])
}

// Killed between any two requests, or left without an answer, the same command finishes with one pull request.
func TestPullRequestAfterLostAnswers(t *testing.T) {
	for _, operation := range []string{refsOperation, commitOperation, createOperation} {
		for _, nth := range []int{1, 2} {
			if nth == 2 && operation != refsOperation {
				continue
			}
			for name, action := range map[string]github.Action{
				"lost":  {Reply: &github.Reply{Status: http.StatusBadGateway, Body: "{}"}},
				"after": {Reply: &github.Reply{Status: http.StatusBadGateway, Body: "{}"}, Handle: true},
				"cut":   {Cut: github.CutAnswer},
			} {
				t.Run(strings.ReplaceAll(operation, "/", " ")+" "+name, func(t *testing.T) {
					r := newReviewed(t)
					r.Intercept(github.On(operation, nth, action))
					result := r.bump(r.proposal(r.second, "core"))
					r.wantBranch(result, r.second[:8])
					if result.PullRequest == nil || result.PullRequest.Number != 1 {
						t.Errorf("Result = %+v", result)
					}
					again := r.bump(r.proposal(r.second, "core"))
					if !again.UpToDate || again.PullRequest.Number != 1 {
						t.Errorf("the repetition gives %+v", again)
					}
				})
			}
		}
	}
}

// Two bumps of one service and environment meet on the branch beside the pull request's: the one that comes late starts again.
func TestPullRequestsAtOnce(t *testing.T) {
	r := newReviewed(t)
	base := strings.TrimSpace(r.git("rev-parse", branch))
	r.Intercept(github.On(refsOperation, 2, github.Action{Before: func() {
		r.git("update-ref", "refs/heads/"+pullBranch+".next", base)
	}}))
	result := r.bump(r.proposal(r.second, "core"))
	r.wantBranch(result, r.second[:8])
	if result.Attempts != 2 || result.PullRequest.Number != 1 {
		t.Errorf("Result = %+v", result)
	}
}

// What a killed run has left beside the branch is overwritten.
func TestPullRequestAfterAKilledRun(t *testing.T) {
	r := newReviewed(t)
	if _, err := r.Commit(t.Context(), repository, pullBranch+".next", "half", map[string][]byte{"x": nil}); err != nil {
		t.Fatal(err)
	}
	r.wantBranch(r.bump(r.proposal(r.second, "core")), r.second[:8])
}
