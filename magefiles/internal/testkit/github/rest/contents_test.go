package rest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"

	gogithub "github.com/google/go-github/v62/github"
)

func TestContents(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	korean := "# 배포\r\ntag: \"core-1\""
	big := strings.Repeat("0123456789abcde\n", 1<<16) + "x" // one byte above 1 MiB
	f.Push("키/값 하나.yaml", korean)
	head := f.Push("big", big)
	at := &gogithub.RepositoryContentGetOptions{Ref: head}
	get := func(path string) (*gogithub.RepositoryContent, []*gogithub.RepositoryContent) {
		t.Helper()
		file, dir, _, err := c.Repositories.GetContents(t.Context(), owner, name, path, at)
		if err != nil {
			t.Fatal(err)
		}
		return file, dir
	}
	one, _ := get("키/값 하나.yaml")
	if text, err := one.GetContent(); err != nil || text != korean || one.GetSHA() != f.Git("rev-parse", "HEAD:키/값 하나.yaml") {
		t.Errorf("content = %q, %v", text, err)
	}
	if large, _ := get("big"); large.GetEncoding() != "none" || large.GetSize() != len(big) || *large.Content != "" {
		t.Errorf("large file: encoding %s, size %d", large.GetEncoding(), large.GetSize())
	}
	_, root := get("")
	if len(root) != 5 || root[1].GetName() != "big" || root[2].GetType() != "dir" || root[2].GetPath() != "bin" {
		t.Errorf("root = %v", root)
	}
	if status, _, body := f.Send("GET", "/repos/acme/deployment/contents", token, nil); status != 200 || strings.Count(body, `"download_url"`) != 5 {
		t.Errorf("root without a slash: %d %s", status, body)
	}
	if _, dir := get("env"); len(dir) != 1 || dir[0].GetPath() != file {
		t.Errorf("directory = %v", dir)
	}
	_, _, _, err := c.Repositories.GetContents(t.Context(), owner, name, "nope", at)
	githubtest.WantRefusal(t, err, 404, "Not Found")
	_, _, _, err = c.Repositories.GetContents(t.Context(), owner, name, file, &gogithub.RepositoryContentGetOptions{Ref: "nope"})
	githubtest.WantRefusal(t, err, 404, "No commit found for the ref nope")

	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.Server.URL()+"/repos/acme/deployment/contents/big?ref=stabilize/1.0", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/vnd.github.raw+json")
	var b strings.Builder
	if _, err := c.Do(t.Context(), r, &b); err != nil || b.String() != big {
		t.Errorf("raw: %d bytes, %v", b.Len(), err)
	}
}
