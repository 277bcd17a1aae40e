package github_test

import (
	"testing"

	gogithub "github.com/google/go-github/v62/github"
)

func TestReleases(t *testing.T) {
	f := start(t)
	c := f.client(token)
	_, _, err := c.Repositories.GetReleaseByTag(t.Context(), owner, name, "v1.0.0")
	refused(t, err, 404, "Not Found")
	made := must[*gogithub.RepositoryRelease](t)(c.Repositories.CreateRelease(t.Context(), owner, name, &gogithub.RepositoryRelease{
		TagName: new("v1.0.0"), Name: new("v1.0.0"), Body: new("- first"),
	}))
	found := must[*gogithub.RepositoryRelease](t)(c.Repositories.GetReleaseByTag(t.Context(), owner, name, "v1.0.0"))
	if made.GetID() != found.GetID() || found.GetBody() != "- first" || f.git("rev-parse", "v1.0.0") != f.head() {
		t.Errorf("release %v", found)
	}
	_, _, err = c.Repositories.CreateRelease(t.Context(), owner, name, &gogithub.RepositoryRelease{TagName: new("v1.0.0")})
	refused(t, err, 422, "tag_name already_exists")
	_, _, err = c.Repositories.CreateRelease(t.Context(), owner, name, &gogithub.RepositoryRelease{TagName: new("v2"), TargetCommitish: new("nosuch")})
	refused(t, err, 422, "target_commitish invalid")
}
