package gitops_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func TestOlderBuildDoesNotReplaceANewerOne(t *testing.T) {
	g := newGuarded(t)
	g.byHand(g.first)
	newer := g.bump(g.release(g.second, "core", "batch"))
	g.refused(g.release(g.first, "core", "batch"), "a newer build is deployed", "core, batch", g.second[:8], "fix the login",
		string("set just now by octocat in "+newer.Commit[:8]), "-force")
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

// tagged is a release, of just now, under a tag that names no commit, such as a version.
func (g *guarded) tagged(sha, tag string) bump.Bump {
	b := g.release(sha, "core")
	b.Deployment.Files[0].Edits[0].Expressions = []string{`.shop.core.imageTag = "` + tag + `"`}
	b.Source.Time = time.Now().Add(time.Hour)
	return b
}

// Tags without a commit, such as versions, leave it to the trailers, whichever environment they are of.
func TestOrderIsReadFromTrailersWhereTagsNameNoCommit(t *testing.T) {
	g := newGuarded(t)
	g.byHand(g.first)
	g.bump(g.tagged(g.second, "v1.2.0"))
	g.refused(g.tagged(g.first, "v1.1.0"), "a newer build is deployed", g.second[:8])
	elsewhere := g.tagged(g.first, "v1.1.0")
	elsewhere.Environment = "prod"
	g.refused(elsewhere, "a newer build is deployed", g.second[:8])
	g.push("README", "else") // no bump, and does not touch the value
	g.push(shopFile, g.content(shopFile)+"# a comment\n")
	g.refused(g.tagged(g.first, "v1.1.0"), "a newer build is deployed", g.second[:8])
	g.bump(g.tagged(g.third, "v1.3.0"))
}

// TestValueThatNamesNoCommitIsReplacedByWhatWasMadeLater: a value that somebody set can hold nothing that was made after it.
func TestValueThatNamesNoCommitIsReplacedByWhatWasMadeLater(t *testing.T) {
	for name, test := range map[string]struct {
		made time.Duration // our commit, after the value was set
		want string        // of the refusal; empty: it is replaced
	}{
		"made later":   {time.Hour, ""},
		"made earlier": {-time.Hour, "older than that, so nothing tells which of the builds is newer"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGuarded(t)
			g.push(shopFile, strings.ReplaceAll(shopValues, "core-stage-9f8e7d6c", "hotfix"))
			g.push(shopFile, g.content(shopFile)+"# a comment, which sets nothing\n")
			b := g.release(g.third, "core")
			b.Source.Time = time.Now().Add(test.made)
			if test.want == "" {
				g.bump(b)
				g.noticed("core: its value names no commit, and was set just now by Somebody Else", "was made later, and replaces it")
				return
			}
			g.refused(b, "core: its value names no commit", "by Somebody Else", test.want, "-force")
			b.Force = true
			g.bump(b)
			if message := g.git("log", "-1", "--format=%B", branch); !strings.Contains(message, "Astrago-Forced: unknown core\n") {
				t.Errorf("the message does not say what was forced:\n%s", message)
			}
		})
	}
}

// A bump lies below a value that somebody set since: the bump's commit is not what is deployed.
func TestValueSetByHandOverABumpIsNotTheBumps(t *testing.T) {
	g := newGuarded(t)
	g.byHand(g.first)
	g.bump(g.tagged(g.third, "v1.2.0"))
	g.push(shopFile, strings.ReplaceAll(g.content(shopFile), "v1.2.0", "hotfix"))
	b := g.tagged(g.third, "v1.3.0")
	b.Source.Time = time.Now().Add(-time.Hour)
	g.refused(b, "its value names no commit", "older than that")
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

// Between the read and the commit another workflow deploys a newer build: the new head is judged again.
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

func TestUnknownOrderIsRefused(t *testing.T) {
	g := newGuarded(t)
	b := g.release(g.second, "core")
	g.refused(b, "9f8e7d6c", "cannot be compared", "no such commit", "git fetch", "GITHUB_TOKEN", "-force") // no repository has it
	b.Force = true
	g.bump(b)
	g.noticed("forced", "9f8e7d6c", "cannot be compared")
	if message := g.git("log", "-1", "--format=%B", branch); !strings.Contains(message, "Astrago-Forced: unknown acme/backend@9f8e7d6c\n") {
		t.Errorf("the message does not say what was forced:\n%s", message)
	}
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
	draft, err := edit.New(snapshot, b.Deployment)
	if err != nil {
		t.Fatal(err)
	}
	_, err = g.client.CheckOrder(t.Context(), b, draft)
	wantProblem(t, err, problem.Refused, "a newer build is deployed")
	b.Force = true
	notices, err := g.client.CheckOrder(t.Context(), b, draft)
	if err != nil || len(g.notices) > 0 || len(notices) != 1 || !strings.Contains(notices[0], "forced: a newer build") {
		t.Errorf("%v, notices %q, returned %q", err, g.notices, notices)
	}
}
