package gitops_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// TestArchiveIsTheHeadAndItsHostGetsNoToken downloads after the branch has moved.
func TestArchiveIsTheHeadAndItsHostGetsNoToken(t *testing.T) {
	w := newWorld(t, nil)
	snapshot := w.read(release(newSHA, "core").Deployment)
	w.push("README.md", "later")
	asked := map[string]string{}
	w.Intercept(func(e github.Exchange) *github.Action {
		asked[e.Operation] = e.Token
		return nil
	})
	data, err := w.client.Repo.Archive(t.Context(), snapshot)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for entries := tar.NewReader(plain); ; {
		header, err := entries.Next()
		if err != nil {
			break
		}
		content, err := io.ReadAll(entries)
		if err != nil {
			t.Fatal(err)
		}
		_, name, _ := strings.Cut(header.Name, "/")
		found[name] = string(content)
	}
	if found["README.md"] != "values of every environment\n" || found[shopFile] != shopValues {
		t.Errorf("the archive holds %q", found)
	}
	if asked["GET /repos/{owner}/{repo}/tarball/{ref}"] != token || len(asked) != 2 || asked["GET codeload"] != "" {
		t.Errorf("requests with tokens: %v", asked)
	}
}
