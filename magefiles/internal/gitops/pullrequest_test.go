package gitops_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

const (
	pullBranch      = "astrago/backend-stage"
	createOperation = "POST /repos/{owner}/{repo}/pulls"
	mergeOperation  = "PUT /repos/{owner}/{repo}/pulls/{number}/merge"
	refsOperation   = "mutation updateRefs"
)

// reviewed is a world whose branch takes changes through pull requests only.
type reviewed struct {
	*guarded
	gogithub *gogithub.Client
}

func newReviewed(t *testing.T, options ...func(*gitops.Options)) *reviewed {
	t.Helper()
	r := &reviewed{guarded: newGuarded(t, options...)}
	r.Grant(token, repository, github.Permissions{Contents: github.Write, PullRequests: github.Write, Issues: github.Write})
	r.gogithub = gogithub.NewClient(nil).WithAuthToken(token)
	base, err := r.gogithub.BaseURL.Parse(r.URL() + "/")
	if err != nil {
		t.Fatal(err)
	}
	r.gogithub.BaseURL = base
	r.byHand(r.first)
	if err := r.Protect(repository, branch, github.Ruleset); err != nil {
		t.Fatal(err)
	}
	return r
}

// proposal is a bump through a pull request.
func (r *reviewed) proposal(sha string, components ...string) bump.Bump {
	b := r.release(sha, components...)
	b.Source.URL = "https://github.com/acme/backend"
	b.Deployment.PullRequest = &config.PullRequest{MergeMethod: config.MergeSquash}
	return b
}

func (r *reviewed) pull(number int) *gogithub.PullRequest {
	r.Helper()
	pull, _, err := r.gogithub.PullRequests.Get(r.Context(), "acme", "deployment", number)
	if err != nil {
		r.Fatal(err)
	}
	return pull
}

// wantBranch checks the pull request's branch: one commit on top of the base, with these tags, and no branch beside it.
func (r *reviewed) wantBranch(result *bump.Result, tags ...string) {
	r.Helper()
	if got := strings.TrimSpace(r.git("rev-parse", pullBranch)); commitid.ID(got) != result.Commit {
		r.Errorf("%s is at %s, Commit is %s", pullBranch, got, result.Commit)
	}
	if got, want := r.git("rev-parse", pullBranch+"^"), r.git("rev-parse", branch); got != want {
		r.Errorf("the commit's parent is %s, want the base %s", got, want)
	}
	content := r.git("show", pullBranch+":"+shopFile)
	for _, tag := range tags {
		if !strings.Contains(content, tag) {
			r.Errorf("%s has no %s:\n%s", pullBranch, tag, content)
		}
	}
	if got := r.git("for-each-ref", "--format=%(refname:short)", "refs/heads/astrago"); got != pullBranch+"\n" {
		r.Errorf("branches %q", got)
	}
}

func TestPullRequestIsOpenedFromOneCommit(t *testing.T) {
	r := newReviewed(t)
	before := r.content(shopFile)
	b := r.proposal(r.second, "core", "batch")
	b.RunURL = "https://github.com/acme/backend/actions/runs/7"

	result := r.bump(b)

	r.wantBranch(result, "core-stage-"+r.second[:8], "batch-stage-"+r.second[:8])
	if result.PullRequest == nil || result.PullRequest.Number != 1 || result.PullRequest.URL == "" || result.PullRequest.Merged || result.UpToDate || len(result.Changes) != 2 {
		t.Errorf("Result = %+v, %+v", result, result.PullRequest)
	}
	if r.content(shopFile) != before {
		t.Error("the base has changed")
	}
	pull := r.pull(1)
	if pull.GetTitle() != "deploy(stage): backend "+r.second[:8] || pull.GetBase().GetRef() != branch || pull.GetCommits() != 1 {
		t.Errorf("pull request %v", pull)
	}
	for _, want := range []string{
		"| core | `" + shopFile + ":4 shop.core.imageTag` | `core-stage-" + r.first[:8] + "` | `core-stage-" + r.second[:8] + "` |\n",
		"https://github.com/acme/backend/compare/" + r.first[:8] + "..." + r.second + "\n",
		"- core is in the registry: `ghcr.io/acme/backend@sha256:abab",
		"- no newer build is deployed\n",
		"Made by https://github.com/acme/backend/actions/runs/7\n",
		"\nAstrago-Source: acme/backend@" + r.second + "\n",
		"\nAstrago-Bump-Id: " + result.BumpID + "\n",
	} {
		if !strings.Contains(pull.GetBody(), want) {
			t.Errorf("the text lacks %q:\n%s", want, pull.GetBody())
		}
	}
	r.git("fsck", "--strict")
}

func TestPullRequestIsUpdatedNotDuplicated(t *testing.T) {
	r := newReviewed(t)
	r.bump(r.proposal(r.second, "core"))
	r.ForgetRequests()

	again := r.bump(r.proposal(r.second, "core"))
	if !again.UpToDate || again.PullRequest == nil || again.PullRequest.Number != 1 {
		t.Errorf("Result = %+v", again)
	}
	if slices.ContainsFunc(r.operations(), func(o string) bool {
		return strings.HasPrefix(o, "mutation") || !strings.HasPrefix(o, "query") && !strings.HasPrefix(o, "GET")
	}) {
		t.Errorf("the repetition writes: %q", r.operations())
	}

	if err := r.Protect(repository, branch, github.Unprotected); err != nil {
		t.Fatal(err)
	}
	r.push("README.md", "the base goes on\n")
	next := r.bump(r.proposal(r.third, "core"))
	r.wantBranch(next, "core-stage-"+r.third[:8])
	if next.PullRequest.Number != 1 || next.UpToDate {
		t.Errorf("Result = %+v", next)
	}
	if pull := r.pull(1); pull.GetTitle() != "deploy(stage): backend "+r.third[:8] || pull.GetState() != "open" || pull.GetCommits() != 1 ||
		!strings.Contains(pull.GetBody(), r.third) || strings.Contains(pull.GetBody(), r.second) {
		t.Errorf("pull request %v", pull)
	}
}

func TestNothingToChangeIsNoPullRequest(t *testing.T) {
	r := newReviewed(t)
	if result := r.bump(r.proposal(r.first, "core")); !result.UpToDate || result.PullRequest != nil {
		t.Errorf("Result = %+v", result)
	}
	if got := r.git("for-each-ref", "refs/heads/astrago"); got != "" {
		t.Errorf("branches %q", got)
	}
}

// The base is where it was, but a newer build waits in the pull request.
func TestPullRequestIsNotTakenBackToAnOlderBuild(t *testing.T) {
	r := newReviewed(t)
	proposed := r.bump(r.proposal(r.third, "core"))
	_, err := r.client.Bump(t.Context(), r.proposal(r.second, "core"))
	wantProblem(t, err, problem.Refused, "a newer build is proposed in pull request #1", r.third[:8], "-force")
	r.wantBranch(proposed, r.third[:8])

	b := r.proposal(r.second, "core")
	draft, err := edit.New(r.read(b.Deployment), b.Deployment)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.client.CheckOrder(t.Context(), b, draft)
	wantProblem(t, err, problem.Refused, "pull request #1")

	b.Force = true
	forced := r.bump(b)
	r.wantBranch(forced, r.second[:8])
	if body := r.pull(1).GetBody(); !strings.Contains(body, "Astrago-Forced: behind acme/backend@"+r.third) {
		t.Errorf("the text does not say what was forced:\n%s", body)
	}
}

func TestPullRequestWithoutPermission(t *testing.T) {
	r := newReviewed(t)
	r.Grant(token, repository, github.Permissions{Contents: github.Write, PullRequests: github.Read})
	_, err := r.client.Bump(t.Context(), r.proposal(r.second, "core"))
	wantProblem(t, err, problem.Failed, "opening a pull request", "DEPLOY_TOKEN", "Pull requests read and write", "pull_requests=write")
	r.Grant(token, repository, github.Permissions{Contents: github.Write, PullRequests: github.Write})
	if result := r.bump(r.proposal(r.second, "core")); result.PullRequest.Number != 1 {
		t.Errorf("Result = %+v", result)
	}
}

func TestPullRequestFromTheRESTBackend(t *testing.T) {
	r := newReviewed(t)
	b := r.proposal(r.second, "core")
	b.Deployment.API = config.APIREST
	r.wantBranch(r.bump(b), r.second[:8])
	b = r.proposal(r.third, "core")
	b.Deployment.API = config.APIREST
	r.wantBranch(r.bump(b), r.third[:8])
}

func TestBranchOfAPullRequestIsAValidName(t *testing.T) {
	r := newReviewed(t)
	b := r.proposal(r.second, "core")
	b.Service, b.Environment = "shop..api.lock", "eu~west"
	b.Source.Repository = ""
	r.bump(b)
	if got := r.git("for-each-ref", "--format=%(refname:short)", "refs/heads/astrago"); got != "astrago/shop-api-lock-eu-west\n" {
		t.Errorf("branches %q", got)
	}
}

// GitHub takes 65,536 characters.
func TestTextOfAPullRequestWithManyValuesIsCut(t *testing.T) {
	r := newReviewed(t)
	if err := r.Protect(repository, branch, github.Unprotected); err != nil {
		t.Fatal(err)
	}
	const file, values = "many.yaml", 120
	var content strings.Builder
	b := r.proposal(r.second, "core")
	b.Deployment.Files = []plan.File{{Path: file}}
	for n := range values {
		key := fmt.Sprintf("%s%d", strings.Repeat("k", 150), n)
		fmt.Fprintf(&content, "%s: core-stage-%s\n", key, r.first[:8])
		set(&b, 0, "core", "", fmt.Sprintf(`.%s = "core-stage-%s"`, key, r.second[:8]))
	}
	r.push(file, content.String())
	r.bump(b)
	if body := r.pull(1).GetBody(); !strings.Contains(body, "\nand 20 more\n") || len(body) > 65536 || !strings.Contains(body, "Astrago-Source: ") {
		t.Errorf("%d characters:\n%s", len(body), body)
	}
}
