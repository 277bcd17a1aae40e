package gitops_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// A file below a linked folder does not exist for GitHub: the link is named, not only the file.
func TestFilesBelowALink(t *testing.T) {
	for _, api := range []config.API{config.APIGraphQL, config.APIREST} {
		t.Run(string(api), func(t *testing.T) {
			w := newWorld(t, nil, func(o *gitops.Options) { o.API = api })
			w.pushTree(func(clone string) {
				if err := os.Symlink("stage", filepath.Join(clone, "environments", "linked")); err != nil {
					t.Fatal(err)
				}
			})
			d := release(newSHA, "core").Deployment
			d.Files[0].Path = "environments/linked/values.yaml"
			_, err := w.client.Repo.Read(t.Context(), d)
			wantProblem(t, err, problem.Refused, "environments/linked/values.yaml", "environments/linked is a symbolic link", "deploy.file")
			d.Files[0].Path = "environments/nowhere/values.yaml"
			_, err = w.client.Repo.Read(t.Context(), d)
			wantProblem(t, err, problem.Refused, "does not exist")
			if strings.Contains(err.Error(), "link") {
				t.Errorf("no link is there: %v", err)
			}
		})
	}
}
