package gitops_test

import (
	"fmt"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// TestProposalWithoutAFile has the deployment's files added to or moved while a rollback is proposed, whose branch has not the new ones.
func TestProposalWithoutAFile(t *testing.T) {
	const added = "environments/stage/more.yaml"
	for _, api := range []config.API{config.APIGraphQL, config.APIREST} {
		for _, moved := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s moved %v", api, moved), func(t *testing.T) {
				r, proposed := decided(t)
				files, b := map[string]string{added: r.content(shopFile)}, r.imaged(r.third, "b", "core")
				more := b.Deployment.Files[0]
				more.Path = added
				b.Deployment.Files, b.Deployment.API = append(b.Deployment.Files, more), api
				if moved {
					files[shopFile], b.Deployment.Files = "", b.Deployment.Files[1:]
				}
				r.unprotected().pushAll(files)
				_, err := r.client.Bump(t.Context(), b)
				wantProblem(t, err, problem.Refused, "core is held", "the rejected image", "pull request #1")
				r.stays(proposed)
			})
		}
	}
}

// TestProposalBeforeAFile has a file added to the deployment while a build is proposed, which no older one replaces.
func TestProposalBeforeAFile(t *testing.T) {
	const added = "environments/stage/more.yaml"
	for sha, says := range map[string]string{"older": "a newer build is proposed", "beside": "core: its values do not tell the image"} {
		t.Run(sha, func(t *testing.T) {
			r := newReviewed(t).unprotected()
			proposed := r.bump(r.some(tagOnly, r.third, "core"))
			r.push(added, r.content(shopFile))
			b := r.some(tagOnly, r.second, "core")
			if sha == "beside" {
				b = r.some(tagOnly, r.third, "batch")
			}
			more := b.Deployment.Files[0]
			more.Path = added
			b.Deployment.Files = append(b.Deployment.Files, more)
			_, err := r.client.Bump(t.Context(), b)
			wantProblem(t, err, problem.Refused, says)
			r.stays(proposed)
		})
	}
}
