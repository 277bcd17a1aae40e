package gitops_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

func TestCheckWrite(t *testing.T) {
	for role, ok := range map[string]bool{"READ": false, "TRIAGE": false, "WRITE": true, "MAINTAIN": true, "ADMIN": true, "": true} {
		err := (&repo.Snapshot{Repository: repository, Permission: role}).CheckWrite(github.Identity{Name: "DEPLOY_TOKEN"})
		if (err == nil) != ok {
			t.Errorf("role %q: %v", role, err)
		}
		if err != nil {
			wantProblem(t, err, 1, "DEPLOY_TOKEN", "Contents read and write on "+repository)
		}
	}
}
