package rest_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"

	gogithub "github.com/google/go-github/v62/github"
)

func TestPutContents(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	put := func(path, content, sha string) (*gogithub.RepositoryContentResponse, error) {
		t.Helper()
		options := &gogithub.RepositoryContentFileOptions{Message: new("set"), Content: []byte(content), Branch: new(branch)}
		if sha != "" {
			options.SHA = new(sha)
		}
		written, _, err := c.Repositories.UpdateFile(t.Context(), owner, name, path, options)
		return written, err
	}
	created, err := put("new.yaml", "a: 1\n", "")
	if err != nil || f.Git("show", "HEAD:new.yaml") != "a: 1" || created.Commit.GetSHA() != f.Git("rev-parse", "HEAD") {
		t.Fatalf("created %v, %v", created, err)
	}
	old := created.Content.GetSHA()
	replaced, err := put("new.yaml", "a: 2\n", old)
	if err != nil || f.Git("show", "HEAD:new.yaml") != "a: 2" || replaced.Content.GetSHA() == old {
		t.Errorf("replaced %v, %v", replaced, err)
	}
	_, err = put("new.yaml", "a: 3\n", "")
	githubtest.WantRefusal(t, err, 422, "wasn't supplied")
	_, err = put("new.yaml", "a: 3\n", old)
	githubtest.WantRefusal(t, err, 409, "new.yaml does not match "+old)
	if got := f.Git("show", "HEAD:new.yaml"); got != "a: 2" || !strings.Contains(f.Git("log", "-1", "--format=%s"), "set") {
		t.Errorf("the file is %q", got)
	}
}
