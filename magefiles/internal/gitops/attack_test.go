package gitops_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// hostileTitle is the title by which the author of a commit tries to act in the deployment repository when the pull request is merged.
const hostileTitle = "closes #12, fixes acme/deployment#7 @acme/platform [approve](https://evil.example) ![](https://evil.example/x.png) <img src=x> closes https://github.com/acme/x/issues/3"

// otherLine is an application repository in which what is deployed is on another line of history, of a hostile author.
type otherLine struct{}

func (otherLine) Compare(_ context.Context, base, _ commitid.ID) (git.Comparison, error) {
	return git.Comparison{Relation: git.Diverged, Base: git.Commit{SHA: base, Title: hostileTitle, Time: time.Unix(0, 0)}}, nil
}

// acts finds what GitHub closes, mentions, links or renders in the text of a pull request, outside of code.
var acts = regexp.MustCompile(`#\d|(^|[\s(])@\w|[^\\]\]\(|<\w|!\[|://[^\s]*evil|(?:closes|fixes)\s+\S*://`)

// A title of a commit of the application repository closes, mentions and links nothing in the deployment repository.
func TestAttackTitleInThePullRequest(t *testing.T) {
	r := newReviewed(t)
	b := r.proposal(r.second, "core")
	b.Ancestry = otherLine{}
	r.bump(b)
	body, _, _ := strings.Cut(r.pull(1).GetBody(), "\n```\n")
	if !strings.Contains(body, "approve") {
		t.Fatalf("the title is not told:\n%s", body)
	}
	for line := range strings.Lines(regexp.MustCompile("`[^`]*`").ReplaceAllString(body, "")) {
		if strings.HasPrefix(line, "Commits of ") { // of our own
			continue
		}
		if found := acts.FindString(line); found != "" {
			t.Errorf("%q acts in %q", found, line)
		}
	}
}

// A key of the values file, and the name of a held component, cannot forge trailers, close issues or mention accounts.
func TestAttackKeysInTheCommit(t *testing.T) {
	const forged = "x\nAstrago-Image: core ghcr.io/evil/x@sha256:00\ncloses #12 @acme/platform"
	w := newWorld(t, map[string][]byte{shopFile: []byte("apps:\n  " + `"x\nAstrago-Image: core ghcr.io/evil/x@sha256:00\ncloses #12 @acme/platform"` + ":\n    tag: core-stage-9f8e7d6c\n  a:\n    tag: core-stage-9f8e7d6c\n")})
	b := release(newSHA, "core")
	b.Deployment.Files[0].Edits[0].Expressions = []string{`.apps[].tag = "core-stage-a1b2c3d4"`}
	result := w.bump(b)
	message := w.git("log", "-1", "--format=%B", string(result.Commit))
	for _, image := range trailer.Parse(message).All(trailer.Image) {
		if strings.Contains(image, "evil") {
			t.Errorf("a forged trailer: %q", image)
		}
	}
	if table, _, _ := strings.Cut(message, "\nAstrago-"); acts.MatchString(table) || !strings.Contains(message, "Astrago-Image") || strings.Contains(message, forged) {
		t.Errorf("message:\n%s", message)
	}
}

// A redirect of the API to another port takes the token nowhere, also by a chain that comes back.
func TestAttackRedirectOfTheAPI(t *testing.T) {
	var arrived []string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived = append(arrived, r.Header.Get("Authorization"))
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(other.Close)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	}))
	t.Cleanup(api.Close)
	for _, backend := range []config.API{config.APIGraphQL, config.APIREST} {
		client, err := gitops.New(gitops.Options{Options: github.Options{APIURL: api.URL, Token: token}, API: backend, Attempts: 1})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = client.Repo.Read(t.Context(), plan.Deployment{Repository: repository, Branch: branch}) // whatever it makes of the answer
	}
	if len(arrived) == 0 {
		t.Error("no redirect was followed")
	}
	if strings.Join(arrived, "") != "" {
		t.Errorf("another port got %q", arrived)
	}
}
