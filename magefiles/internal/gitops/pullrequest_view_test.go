package gitops_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// updateBranch merges the base into the pull request's branch, as the button does.
func (r *reviewed) updateBranch() {
	r.Helper()
	tree := strings.TrimSpace(r.git("merge-tree", "--write-tree", branch, pullBranch))
	merge := strings.TrimSpace(r.git("-c", "user.name=kim", "-c", "user.email=kim@example.com", "commit-tree", tree,
		"-p", pullBranch, "-p", branch, "-m", "Merge branch '"+branch+"' into "+pullBranch))
	r.git("update-ref", "refs/heads/"+pullBranch, merge)
}

// backdate makes the commit of the pull request's branch one of long ago, as by the clock the base's later ones come before it.
func (r *reviewed) backdate() {
	r.Helper()
	path := filepath.Join(r.TempDir(), "commit")
	committer := regexp.MustCompile(`(?m)^(committer .*>) \d+`)
	if err := os.WriteFile(path, committer.ReplaceAll([]byte(r.git("cat-file", "commit", pullBranch)), []byte("$1 1000000000")), 0o600); err != nil {
		r.Fatal(err)
	}
	r.git("update-ref", "refs/heads/"+pullBranch, strings.TrimSpace(r.git("hash-object", "-t", "commit", "-w", path)))
}

// TestProposalBehindManyCommits has the base go on, and come into the branch, until the commit that proposes is out of view.
func TestProposalBehindManyCommits(t *testing.T) {
	r := newReviewed(t).unprotected()
	r.bump(r.some(tagOnly, r.second, "core"))
	r.backdate()
	for i := range repo.HistoryDepth + 1 {
		r.push(shopFile, strings.TrimRight(r.content(shopFile), "\n")+fmt.Sprintf("\n# %d\n", i))
	}
	r.updateBranch()
	r.wantBranch(r.bump(r.some(tagOnly, r.third, "batch")), "core-stage-"+r.second[:8], "batch-stage-"+r.third[:8])
}

// TestProposalOfAnUnknownCommit has a build proposed of which nothing tells the commit: it does not become one of the next release's.
func TestProposalOfAnUnknownCommit(t *testing.T) {
	r := newReviewed(t).unprotected()
	unknown := r.some(tagOnly, r.second, "core")
	unknown.Source.SHA, unknown.Force = "", true
	proposed := r.bump(unknown)
	b := r.some(tagOnly, r.third, "batch")
	_, err := r.client.Bump(t.Context(), b)
	wantProblem(t, err, problem.Refused, "pull request #1", "core: nothing tells the commit of its image")
	r.stays(proposed)
}

// TestWhatWasNotProposedIsNotRevived has a value taken back on the base, which the pull request was made with and does not change.
func TestWhatWasNotProposedIsNotRevived(t *testing.T) {
	r := newReviewed(t).unprotected()
	old, deployed := "core-stage-"+r.first[:8], "core-stage-"+r.second[:8]
	r.push(shopFile, strings.Replace(r.content(shopFile), old, deployed, 1))
	r.bump(r.some(tagOnly, r.second, "core", "batch"))
	r.push(shopFile, strings.Replace(r.content(shopFile), deployed, old, 1))
	r.wantBranch(r.bump(r.some(tagOnly, r.third, "frontend")), old, "batch-stage-"+r.second[:8], "frontend-stage-"+r.third[:8])
}

// stays wants the pull request's branch as a bump left it.
func (r *reviewed) stays(proposed *bump.Result) {
	r.Helper()
	if got := strings.TrimSpace(r.git("rev-parse", pullBranch)); commitid.ID(got) != proposed.Commit {
		r.Errorf("%s is at %s, want %s", pullBranch, got, proposed.Commit)
	}
}
