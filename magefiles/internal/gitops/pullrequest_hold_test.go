package gitops_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// rollback proposes to take back core from a build to another one, which holds it.
func (r *reviewed) rollback(from, to string) bump.Bump {
	b := r.proposal(to, "core")
	b.Deployment.Hold = holdPath
	tag := "core-stage-" + from[:8]
	b.Rollback = &bump.Rollback{Restored: commitid.ID(strings.TrimSpace(r.git("rev-parse", branch))), Rejected: []bump.Build{{Component: "core", Tag: tag, SHA: commitid.ID(from)}}}
	b.Hold = []hold.Hold{{Component: "core", Rejected: commitid.ID(from), Tag: tag, Digest: refs.Digest("b"), Until: config.HoldUntilNewer, Since: time.Now()}}
	return b
}

// decided is a world whose base has a build, of which a pull request proposes to take it back.
func decided(t *testing.T) (*reviewed, *bump.Result) {
	t.Helper()
	r := newReviewed(t)
	if err := r.Protect(repository, branch, github.Unprotected); err != nil {
		t.Fatal(err)
	}
	r.byHand(r.second)
	proposed := r.bump(r.rollback(r.second, r.first))
	return r, proposed
}

// imaged proposes a build with an image of its own.
func (r *reviewed) imaged(sha, image string, components ...string) bump.Bump {
	b := r.proposal(sha, components...)
	b.Deployment.Hold = holdPath
	for i := range b.Images {
		b.Images[i].Digest = refs.Digest(image)
	}
	return b
}

// TestProposalsAreApproved: what is not approved is not proposed either.
func TestProposalsAreApproved(t *testing.T) {
	r := newReviewed(t)
	refused, b := errors.New("not approved"), r.proposal(r.second, "core")
	b.Approve = func(draft *edit.Draft) error {
		if len(draft.Changes) == 0 {
			t.Error("what is asked about changes nothing")
		}
		return refused
	}
	branches := r.git("for-each-ref")
	if _, err := r.client.Bump(t.Context(), b); !errors.Is(err, refused) || r.git("for-each-ref") != branches {
		t.Errorf("the error is %v, the branches are\n%s", err, r.git("for-each-ref"))
	}
}

// TestProposedHoldsHold has releases while a pull request proposes a rollback: none but the fix takes its place.
func TestProposedHoldsHold(t *testing.T) {
	r, proposed := decided(t)
	strict := r.imaged(r.side, "c", "core")
	strict.Deployment.Diverged = config.DivergedRefuse
	for name, b := range map[string]bump.Bump{
		"the rejected image":                           r.imaged(r.third, "b", "core"),
		"this build does not contain the rejected one": strict,
		"this build is on another line of history":     r.imaged(r.side, "c", "core"),
		"this run leaves it out":                       r.imaged(r.third, "c", "batch"),
	} {
		draft, err := edit.New(r.read(b.Deployment), b.Deployment)
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.client.CheckHolds(t.Context(), b, draft)
		wantProblem(t, err, problem.Refused, "core is held", name, "pull request #1", "gh pr close 1")
		_, err = r.client.Bump(t.Context(), b)
		wantProblem(t, err, problem.Refused)
		r.wantBranch(proposed, "core-stage-"+r.first[:8])
	}
	r.wantBranch(r.bump(r.imaged(r.third, "c", "core")), "core-stage-"+r.third[:8])
	r.noticed("core: the hold that pull request #1 proposes ends")
}

// TestProposedHoldIsReplacedByForce says so.
func TestProposedHoldIsReplacedByForce(t *testing.T) {
	r, _ := decided(t)
	b := r.imaged(r.third, "b", "core")
	b.Force = true
	r.wantBranch(r.bump(b), "core-stage-"+r.third[:8])
	if body := r.pull(1).GetBody(); !strings.Contains(body, "Astrago-Forced: hold core") {
		t.Errorf("the text does not say what was forced:\n%s", body)
	}
}

// TestProposedRollbackReplacesNothingElse has another build deployed while the rollback of an earlier one is proposed.
func TestProposedRollbackReplacesNothingElse(t *testing.T) {
	r := newReviewed(t)
	if err := r.Protect(repository, branch, github.Unprotected); err != nil {
		t.Fatal(err)
	}
	r.byHand(r.second)
	b := r.rollback(r.second, r.first)
	r.Intercept(github.On(refsOperation, 2, github.Action{Before: func() {
		r.byHand(r.third)
		r.git("update-ref", "refs/heads/"+pullBranch+".next", strings.TrimSpace(r.git("rev-parse", branch)))
	}}))
	_, err := r.client.Bump(t.Context(), b)
	wantProblem(t, err, problem.Refused, "something else was deployed meanwhile", "core-stage-"+r.third[:8])
}
