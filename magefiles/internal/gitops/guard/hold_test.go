package guard

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

const (
	ours     = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
	rejected = "9f8e7d6c5b4a39281706f5e4d3c2b1a098765432"
)

// fixedOrder answers every comparison alike.
type fixedOrder struct {
	git.Comparison
	err error
}

func (f fixedOrder) Compare(context.Context, commitid.ID, commitid.ID) (git.Comparison, error) {
	return f.Comparison, f.err
}

func related(relation git.Relation) fixedOrder {
	return fixedOrder{Comparison: git.Comparison{Relation: relation, Base: git.Commit{SHA: rejected}, Reason: "the clone is shallow"}}
}

// releaseOf is a bump of one image of core, from a commit with the given order.
func releaseOf(ancestry bump.Ancestry) bump.Bump {
	b := bump.Bump{Service: "shop", Environment: "stage", Source: git.Commit{SHA: ours, Repository: "acme/shop"}, Ancestry: ancestry}
	b.Deployment.Repository, b.Deployment.Branch = "acme/deployment", "main"
	b.Images = []bump.Image{{Component: "core", Ref: refs.Image("ghcr.io/acme/shop:core-1"), Digest: "sha256:new", Key: "new"}}
	return b
}

func against(until config.HoldUntil) hold.Hold {
	return hold.Hold{Component: "core", Rejected: rejected, Tag: "core-0", Digest: "sha256:old", Key: "old", Until: until}
}

// TestHoldEndsOnlyByWhatIsKnownToBeNewer has all that is between a build and the end of a hold.
func TestHoldEndsOnlyByWhatIsKnownToBeNewer(t *testing.T) {
	frozen := hold.Hold{Component: "core", Until: config.HoldUntilNewer}
	unnamed := against(config.HoldUntilNewer)
	unnamed.Rejected = ""
	itself := against(config.HoldUntilNewer)
	itself.Rejected = commitid.ID(ours[:8])
	for name, test := range map[string]struct {
		hold     hold.Hold
		order    bump.Ancestry
		diverged config.Divergence
		ends     bool
		reason   string // "" lets it pass beside the hold, unless it ends
	}{
		"newer":               {hold: against(config.HoldUntilNewer), order: related(git.Ahead), ends: true},
		"newer, until lifted": {hold: against(config.HoldUntilLift), order: related(git.Ahead), reason: "no build is taken until it is lifted"},
		"newer, frozen":       {hold: frozen, order: related(git.Ahead), reason: "nothing changes until it is lifted"},
		"older":               {hold: against(config.HoldUntilNewer), order: related(git.Behind), reason: "older than the rejected one"},
		"the rejected commit": {hold: against(config.HoldUntilNewer), order: related(git.Identical), reason: "this is the rejected build"},
		"abbreviated":         {hold: itself, order: related(git.Ahead), reason: "this is the rejected build"},
		"no commit recorded":  {hold: unnamed, order: related(git.Ahead), reason: "nothing tells"},
		"no history":          {hold: against(config.HoldUntilNewer), reason: "nothing tells"},
		"unknown":             {hold: against(config.HoldUntilNewer), order: related(git.Unknown), reason: "cannot be compared with the rejected one: the clone is shallow"},
		"another line":        {hold: against(config.HoldUntilNewer), order: related(git.Diverged)},
		"another line, refused": {
			hold: against(config.HoldUntilNewer), order: related(git.Diverged), diverged: config.DivergedRefuse,
			reason: "does not contain the rejected one",
		},
	} {
		b := releaseOf(test.order)
		b.Deployment.Diverged = test.diverged
		ends, reason, err := endsHold(t.Context(), b, test.hold)
		if err != nil || ends != test.ends || (test.reason == "") != (reason == "") || !strings.Contains(reason, test.reason) {
			t.Errorf("%s: ends %v, %q, %v", name, ends, reason, err)
		}
	}
	broken := errors.New("GitHub is down")
	if ends, _, err := endsHold(t.Context(), releaseOf(fixedOrder{err: broken}), against(config.HoldUntilNewer)); ends || !errors.Is(err, broken) {
		t.Errorf("without an answer: ends %v, %v", ends, err)
	}
}

// TestRejectedImageIsKnownByDigestOrInputs whatever commit names it.
func TestRejectedImageIsKnownByDigestOrInputs(t *testing.T) {
	asked := 0
	ask := func(key string, err error) func(context.Context, bump.Image) (string, error) {
		return func(context.Context, bump.Image) (string, error) {
			asked++
			return key, err
		}
	}
	unanswered := errors.New("no answer")
	for name, test := range map[string]struct {
		image  bump.Image
		until  config.HoldUntil
		keyOf  func(context.Context, bump.Image) (string, error)
		reason string
		fails  bool
		asks   int
	}{
		"another image":        {image: bump.Image{Digest: "sha256:new", Key: "new"}},
		"the same digest":      {image: bump.Image{Digest: "sha256:old", Key: "new"}, reason: "whatever commit names it"},
		"the same inputs":      {image: bump.Image{Digest: "sha256:new", Key: "old"}, reason: "the same inputs"},
		"asked, the same":      {image: bump.Image{Digest: "sha256:new"}, keyOf: ask("old", nil), reason: "the same inputs", asks: 1},
		"asked, another":       {image: bump.Image{Digest: "sha256:new"}, keyOf: ask("new", nil), asks: 1},
		"asked in vain":        {image: bump.Image{Digest: "sha256:new"}, keyOf: ask("", unanswered), fails: true, asks: 1},
		"not built yet":        {image: bump.Image{}, keyOf: ask("old", nil)},
		"held until lifted":    {image: bump.Image{Digest: "sha256:old"}, until: config.HoldUntilLift},
		"of another component": {image: bump.Image{Component: "batch", Digest: "sha256:old"}},
	} {
		asked = 0
		b, h := releaseOf(nil), against(config.HoldUntilNewer)
		if test.until != "" {
			h.Until = test.until
		}
		if test.image.Component == "" {
			test.image.Component = "core"
		}
		b.Images, b.KeyOf = []bump.Image{test.image}, test.keyOf
		reason, err := isRejected(t.Context(), b, h)
		if (err != nil) != test.fails || (reason == "") != (test.reason == "") || !strings.Contains(reason, test.reason) || asked != test.asks {
			t.Errorf("%s: %q, %v, asked %d times", name, reason, err, asked)
		}
	}
}

// TestRollbackPassesANeighboursHoldWithWhatIsOlder, but not with the rejected build itself.
func TestRollbackPassesANeighboursHoldWithWhatIsOlder(t *testing.T) {
	for name, test := range map[string]struct {
		rejected string
		digest   digest.Digest
		until    config.HoldUntil
		rollback bool
		refused  bool
	}{
		"a release of what is older":          {rejected: rejected, until: config.HoldUntilNewer, refused: true},
		"a rollback to what is older":         {rejected: rejected, until: config.HoldUntilNewer, rollback: true},
		"a rollback to the rejected commit":   {rejected: ours[:7], until: config.HoldUntilNewer, rollback: true, refused: true},
		"a rollback to the rejected image":    {rejected: rejected, digest: "sha256:new", until: config.HoldUntilNewer, rollback: true, refused: true},
		"a rollback of what waits for a lift": {rejected: rejected, until: config.HoldUntilLift, rollback: true, refused: true},
	} {
		b := releaseOf(related(git.Behind))
		if test.rollback {
			b.Rollback = &bump.Rollback{}
		}
		h := against(test.until)
		h.Rejected, h.Digest = commitid.ID(test.rejected), test.digest
		if reason, err := forbiddenBy(t.Context(), b, h); err != nil || (reason != "") != test.refused {
			t.Errorf("%s: %q, %v", name, reason, err)
		}
	}
}
