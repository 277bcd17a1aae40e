package cli

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

const shopRepository = "acme/shop"

// shopHistory is an application with two commits, in a clone and on GitHub.
type shopHistory struct {
	*testing.T
	hub           *github.Server
	bare, clone   string
	first, second commitid.ID
}

func newShopHistory(t *testing.T) *shopHistory {
	t.Helper()
	hub := githubtest.Serve(t, github.Options{})
	bare, err := hub.CreateRepository(t.Context(), shopRepository, "main", map[string][]byte{"a": []byte("1\n")})
	if err != nil {
		t.Fatal(err)
	}
	h := &shopHistory{T: t, hub: hub, bare: bare, clone: filepath.Join(t.TempDir(), "clone")}
	h.first = commitid.ID(h.git(bare, "rev-parse", "main"))
	h.second = commitid.ID(h.git(bare, "-c", "user.name=kim", "-c", "user.email=kim@example.com",
		"commit-tree", "-p", string(h.first), "-m", "fix: BE-1", "main^{tree}"))
	h.git(bare, "update-ref", "refs/heads/main", string(h.second))
	h.git(bare, "clone", "-q", "file://"+bare, h.clone)
	return h
}

func (h *shopHistory) git(dir string, args ...string) string {
	h.Helper()
	out, err := exec.CommandContext(h.Context(), "git", append([]string{"-C", dir}, args...)...).Output()
	if err != nil {
		h.Fatalf("git %q: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

// clients are those of a run in the clone.
func (h *shopHistory) clients(repository string, environ ...string) *Clients {
	h.Helper()
	process := Process{Dir: h.clone, Environ: append(environ, "GITHUB_API_URL="+h.hub.URL()), Stdout: io.Discard, Stderr: io.Discard}
	_, env := Start(h.Context(), process, Command{Name: report.CommandNotes, ReadOnly: true}, Flags{})
	env.Project.Root, env.Project.Commit = h.clone, git.Commit{Root: h.clone, Repository: repository}
	return env.Clients
}

// onGitHubAlone makes the clone one that lacks the commit which GitHub has.
func (h *shopHistory) onGitHubAlone() {
	h.Helper()
	h.clone = filepath.Join(h.TempDir(), "older")
	h.git(h.bare, "update-ref", "refs/heads/older", string(h.first))
	h.git(h.bare, "clone", "-q", "--single-branch", "--branch=older", "file://"+h.bare, h.clone)
}

// The clone answers without a request, also where no token could make one.
func TestReadRangeAsksTheCloneFirst(t *testing.T) {
	h := newShopHistory(t)
	requests := len(h.hub.Requests())
	r, err := h.clients(shopRepository, "GITHUB_TOKEN=wrong").ReadRange(t.Context(), h.first[:8], h.second, 10)
	if err != nil || r.Relation != git.Ahead || r.Brings.Count != 1 || !strings.HasPrefix(r.Brings.Commits[0].Message, "fix: BE-1") || len(h.hub.Requests()) != requests {
		t.Errorf("%+v, %v, after %d requests", r, err, len(h.hub.Requests())-requests)
	}
}

// Each token is asked with until one may see the application; what none may see is unknown, with the reasons, and no error.
func TestReadRangeAsksGitHubWithTheTokenThatMay(t *testing.T) {
	h := newShopHistory(t)
	h.onGitHubAlone()
	h.hub.Grant("ghs_of_the_workflow", "acme/other", github.Permissions{Contents: github.Read})
	h.hub.Grant("github_pat_reads_the_shop", shopRepository, github.Permissions{Contents: github.Read})
	h.hub.Grant("github_pat_deploys_others", "acme/other", github.Permissions{Contents: github.Read})
	for name, test := range map[string]struct {
		repository string
		environ    []string
		relation   git.Relation
		reason     string // what it ends in
	}{
		"the workflow's":       {shopRepository, []string{"GITHUB_TOKEN=github_pat_reads_the_shop"}, git.Ahead, ""},
		"what deploys":         {shopRepository, []string{"GITHUB_TOKEN=ghs_of_the_workflow", "DEPLOY_TOKEN=github_pat_reads_the_shop"}, git.Ahead, ""},
		"what only reads":      {shopRepository, []string{"DEPLOY_READ_TOKEN=github_pat_reads_the_shop"}, git.Ahead, ""},
		"neither":              {shopRepository, []string{"GITHUB_TOKEN=ghs_of_the_workflow", "DEPLOY_TOKEN=github_pat_deploys_others"}, git.Unknown, ", and on GitHub GITHUB_TOKEN and DEPLOY_TOKEN may not see acme/shop"},
		"none is set":          {shopRepository, nil, git.Unknown, ", and no token is set that could ask GitHub for acme/shop"},
		"nothing on GitHub":    {"", []string{"GITHUB_TOKEN=github_pat_reads_the_shop"}, git.Unknown, ""},
		"another one's commit": {"acme/other", []string{"GITHUB_TOKEN=github_pat_reads_the_shop"}, git.Unknown, ", and on GitHub GITHUB_TOKEN may not see acme/other"},
	} {
		r, err := h.clients(test.repository, test.environ...).ReadRange(t.Context(), h.first, h.second, 10)
		if err != nil || r.Relation != test.relation || !strings.HasSuffix(r.Reason, test.reason) || (r.Reason == "") != (test.relation == git.Ahead) {
			t.Errorf("%s: %s (%s), %v", name, r.Relation, r.Reason, err)
		}
		d, err := h.clients(test.repository, test.environ...).Measure(t.Context(), h.first, "main")
		if err != nil || (d.Reason == "") != (test.relation == git.Ahead) || !strings.HasSuffix(d.Reason, test.reason) {
			t.Errorf("%s: it is %+v away, %v", name, d, err)
		}
		if test.relation == git.Ahead && (d.Behind != 1 || r.Brings.Count != 1 || r.Brings.Commits[0].SHA != h.second) {
			t.Errorf("%s: it brings %+v, by %d", name, r.Brings, d.Behind)
		}
	}
}

// A commit that GitHub has not either, as after a push by force, is unknown for both reasons.
func TestReadRangeOfACommitThatIsGone(t *testing.T) {
	h := newShopHistory(t)
	h.hub.Grant("github_pat_reads_the_shop", shopRepository, github.Permissions{Contents: github.Read})
	gone := strings.Repeat("1234567890", 4)
	r, err := h.clients(shopRepository, "GITHUB_TOKEN=github_pat_reads_the_shop").ReadRange(t.Context(), commitid.ID(gone), h.second, 10)
	if err != nil || r.Relation != git.Unknown || strings.Count(r.Reason, ", and ") != 1 || r.Brings.Count != 0 {
		t.Errorf("%s (%s), %v", r.Relation, r.Reason, err)
	}
}

// A server that does not answer in time is an error with its cause, no reason to believe that nothing changes.
func TestReadRangeEndsWithItsContext(t *testing.T) {
	h := newShopHistory(t)
	h.onGitHubAlone()
	cause := errors.New("no answer")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	r, err := h.clients(shopRepository, "GITHUB_TOKEN=x").ReadRange(ctx, h.first, h.second, 10)
	if err == nil || r.Relation == git.Identical {
		t.Errorf("%+v, %v", r, err)
	}
}

// Labels are asked for where there is something to ask for, and are nothing where no token may see them.
func TestPullRequestLabels(t *testing.T) {
	h := newShopHistory(t)
	requests := len(h.hub.Requests())
	for _, c := range []*Clients{h.clients(""), h.clients(shopRepository)} {
		for _, numbers := range [][]int{nil, {7}} {
			if labels, err := c.PullRequestLabels(t.Context(), numbers); err != nil || len(labels) != 0 {
				t.Errorf("%v, %v", labels, err)
			}
		}
	}
	if asked := len(h.hub.Requests()) - requests; asked != 0 {
		t.Errorf("%d requests without a token", asked)
	}
}
