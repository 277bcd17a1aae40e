package deployment_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func TestOlderBuildDoesNotReplaceANewerOne(t *testing.T) {
	g := newGuarded(t)
	g.byHand(g.first)
	newer := g.bump(g.release(g.second, "core", "batch"))
	g.refused(g.release(g.first, "core", "batch"), "a newer build is deployed", "core, batch", g.second[:8], "fix the login",
		"set just now by octocat in "+newer.Commit[:8], "-force")
	g.bump(g.release(g.third, "core", "batch"))
	if len(g.notices) > 0 {
		t.Errorf("notices %q", g.notices)
	}
}

// A tag holds 8 digits of the commit, which are enough without any trailer.
func TestOrderIsReadFromTagsSetByHand(t *testing.T) {
	g := newGuarded(t)
	g.byHand(g.second)
	g.refused(g.release(g.first, "core"), "a newer build is deployed", g.second[:8], "fix the login")
	g.bump(g.release(g.third, "core"))
}

// The file is the truth: somebody has set an older tag, or reverted a bump, and our commit lies between the two.
func TestTagSetByHandWinsOverTheTrailersBelowIt(t *testing.T) {
	g := newGuarded(t)
	g.byHand(g.first)
	g.bump(g.release(g.third, "core"))
	g.byHand(g.first)
	g.bump(g.release(g.second, "core"))
}

// Tags without a commit, such as versions, leave it to the trailers.
func TestOrderIsReadFromTrailersWhereTagsNameNoCommit(t *testing.T) {
	g := newGuarded(t)
	tagged := func(sha, tag string) deployment.Bump {
		b := g.release(sha, "core")
		b.Deployment.Files[0].Edits[0].Expressions = []string{`.shop.core.imageTag = "` + tag + `"`}
		return b
	}
	g.bump(tagged(g.second, "v1.2.0"))
	g.noticed("core: nothing tells which commit is deployed")
	g.refused(tagged(g.first, "v1.1.0"), "a newer build is deployed", g.second[:8])
	elsewhere := tagged(g.first, "v1.1.0")
	elsewhere.Environment = "prod"
	g.bump(elsewhere)
}

func TestNothingIsAskedWhereNothingIsReplaced(t *testing.T) {
	g := newGuarded(t)
	g.push(shopFile, strings.ReplaceAll(shopValues, "9f8e7d6c", "00000000"))
	g.bump(g.release(g.second, "core"))
	g.bump(g.release(g.second, "core"))
	g.bump(g.release(g.second, "core", "batch"))
	added := g.release(g.third, "core")
	added.Deployment.Files[0].Create = true
	added.Deployment.Files[0].Edits[0].Expressions = []string{`.shop.core.revision = "` + g.third + `"`}
	g.bump(added)
	if g.compared != 0 || len(g.notices) > 0 {
		t.Errorf("%d comparisons, notices %q", g.compared, g.notices)
	}
}

// Each component is judged by what it runs itself.
func TestPartialBumpIsJudgedPerComponent(t *testing.T) {
	g := newGuarded(t)
	g.byHand(g.first)
	g.bump(g.release(g.third, "core"))
	g.bump(g.release(g.second, "batch"))
	g.refused(g.release(g.second, "core", "batch"), "core from commit "+g.third[:8])
	g.refused(g.release(g.first, "core", "batch"), "core from commit "+g.third[:8], "batch from commit "+g.second[:8])
}

func TestDivergedBuildFollowsTheConfiguration(t *testing.T) {
	g := newGuarded(t)
	g.byHand(g.second)
	strict := g.release(g.side, "core")
	strict.Deployment.Diverged = config.DivergedRefuse
	g.refused(strict, "another line of history", g.second[:8], "-force")
	g.bump(g.release(g.side, "core"))
	g.noticed("another line of history", g.second[:8], "diverged: allow")
}

func TestForceReplacesANewerBuildAndSaysSo(t *testing.T) {
	g := newGuarded(t)
	g.byHand(g.third)
	forced := g.release(g.first, "core")
	forced.Force = true
	g.bump(forced)
	message := g.git("log", "-1", "--format=%B", branch)
	for _, want := range []string{
		"deploy(stage): backend " + g.first[:8] + " (forced)\n", "\nAstrago-Forced: behind acme/backend@" + g.third + "\n",
	} {
		if !strings.Contains(message, want) {
			t.Errorf("the message lacks %q:\n%s", want, message)
		}
	}
	g.noticed("forced: a newer build is deployed")
	g.bump(g.release(g.second, "core")) // newer than what was forced
	if message := g.git("log", "-1", "--format=%B", branch); strings.Contains(message, "orced") {
		t.Errorf("a bump that needed no force says\n%s", message)
	}
}

// Between our read and our commit another workflow deploys a newer build: the new head is judged anew.
func TestNewerBuildThatArrivesMeanwhileIsNotReplaced(t *testing.T) {
	g := newGuarded(t)
	g.byHand(g.first)
	other := g.newClient()
	g.Intercept(github.On(commitOperation, 1, github.Action{Before: func() {
		if _, err := other.Bump(context.WithoutCancel(t.Context()), g.release(g.third, "core", "batch")); err != nil {
			t.Error(err)
		}
	}}))
	_, err := g.client.Bump(t.Context(), g.release(g.second, "core", "batch"))
	wantProblem(t, err, problem.Refused, "a newer build is deployed", g.third[:8])
	if got := g.content(shopFile); strings.Count(got, g.third[:8]) != 2 {
		t.Errorf("the newer build is lost:\n%s", got)
	}
}

func TestUnknownCommitIsReplacedWithANotice(t *testing.T) {
	g := newGuarded(t)
	g.bump(g.release(g.second, "core")) // over 9f8e7d6c, which no repository has
	g.noticed("9f8e7d6c", "cannot be compared", "no such commit")
}

func TestOrderThatCannotBeAskedForIsNoPermission(t *testing.T) {
	g := newGuarded(t)
	g.byHand(g.first)
	before := g.commits()
	g.lineage.err = errors.New("no route to host")
	b := g.release(g.second, "core")
	if _, err := g.client.Bump(t.Context(), b); !errors.Is(err, g.lineage.err) {
		t.Errorf("error %v", err)
	}
	if g.commits() != before {
		t.Error("committed without knowing the order")
	}
	b.Force = true
	g.bump(b)
	g.noticed("no route to host")
}

func TestCheckOrderRefusesBeforeAnythingIsBuilt(t *testing.T) {
	g := newGuarded(t)
	g.byHand(g.third)
	b := g.release(g.first, "core")
	snapshot := g.read(b.Deployment)
	draft, err := snapshot.Edit(b.Deployment)
	if err != nil {
		t.Fatal(err)
	}
	wantProblem(t, g.client.CheckOrder(t.Context(), b, draft), problem.Refused, "a newer build is deployed")
	b.Force = true
	if err := g.client.CheckOrder(t.Context(), b, draft); err != nil || len(g.notices) > 0 {
		t.Errorf("%v, notices %q", err, slices.Clone(g.notices))
	}
}
