package rest_test

import (
	"fmt"
	"strings"
	"testing"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

// TestReleaseAssets uploads into a draft, publishes it, and replaces what a cut upload has left.
func TestReleaseAssets(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	draft := must[*gogithub.RepositoryRelease](t)(c.Repositories.CreateRelease(t.Context(), owner, name, &gogithub.RepositoryRelease{TagName: new("v1.0.0"), Draft: new(true)}))
	_, _, err := c.Repositories.GetReleaseByTag(t.Context(), owner, name, "v1.0.0")
	githubtest.WantRefusal(t, err, 404, "Not Found")
	listed := must[[]*gogithub.RepositoryRelease](t)(c.Repositories.ListReleases(t.Context(), owner, name, &gogithub.ListOptions{PerPage: 100}))
	if len(listed) != 1 || !listed[0].GetDraft() {
		t.Errorf("releases %v", listed)
	}
	upload := func() error {
		c.UploadURL = c.BaseURL.JoinPath("uploads/")
		address := fmt.Sprintf("repos/%s/%s/releases/%d/assets?name=a.gz", owner, name, draft.GetID())
		request, err := c.NewUploadRequest(address, strings.NewReader("data"), 4, "application/octet-stream")
		if err == nil {
			_, err = c.Do(t.Context(), request, nil)
		}
		return err
	}
	if err := upload(); err != nil {
		t.Fatal(err)
	}
	githubtest.WantRefusal(t, upload(), 422, "name already_exists")
	if got := f.Server.ReleaseAssets(repo, "v1.0.0"); len(got) != 0 {
		t.Errorf("a draft shows %q", got)
	}
	must[*gogithub.RepositoryRelease](t)(c.Repositories.EditRelease(t.Context(), owner, name, draft.GetID(), &gogithub.RepositoryRelease{Draft: new(false)}))
	if got := f.Server.ReleaseAssets(repo, "v1.0.0"); string(got["a.gz"]) != "data" {
		t.Errorf("the release has %q", got)
	}
	f.Server.ReleaseAssets(repo, "v1.0.0", "a.gz")
	left := must[*gogithub.RepositoryRelease](t)(c.Repositories.GetReleaseByTag(t.Context(), owner, name, "v1.0.0")).Assets[0]
	if left.GetState() != "open" {
		t.Errorf("a cut upload leaves %v", left)
	}
	if _, err := c.Repositories.DeleteReleaseAsset(t.Context(), owner, name, left.GetID()); err != nil {
		t.Error(err)
	}
	if err := upload(); err != nil {
		t.Error(err)
	}
}
