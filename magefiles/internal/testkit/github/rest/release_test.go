package rest_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"

	gogithub "github.com/google/go-github/v62/github"
)

func TestReleases(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	_, _, err := c.Repositories.GetReleaseByTag(t.Context(), owner, name, "v1.0.0")
	githubtest.WantRefusal(t, err, 404, "Not Found")
	made := must[*gogithub.RepositoryRelease](t)(c.Repositories.CreateRelease(t.Context(), owner, name, &gogithub.RepositoryRelease{
		TagName: new("v1.0.0"), Name: new("v1.0.0"), Body: new("- first"),
	}))
	found := must[*gogithub.RepositoryRelease](t)(c.Repositories.GetReleaseByTag(t.Context(), owner, name, "v1.0.0"))
	if made.GetID() != found.GetID() || found.GetBody() != "- first" || f.Git("rev-parse", "v1.0.0") != f.Tip() {
		t.Errorf("release %v", found)
	}
	_, _, err = c.Repositories.CreateRelease(t.Context(), owner, name, &gogithub.RepositoryRelease{TagName: new("v1.0.0")})
	githubtest.WantRefusal(t, err, 422, "tag_name already_exists")
	_, _, err = c.Repositories.CreateRelease(t.Context(), owner, name, &gogithub.RepositoryRelease{TagName: new("v2"), TargetCommitish: new("nosuch")})
	githubtest.WantRefusal(t, err, 422, "target_commitish invalid")
}
