package guard

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

// describeHolds looks up the author of holds that do not name one. A failure to do so prevents no refusal.
func (g Guards) describeHolds(ctx context.Context, s *repo.Snapshot, holds []refusedHold) []string {
	if len(holds) == 0 {
		return nil
	}
	author := ""
	if commit, err := g.Store.HoldCommit(ctx, s); err == nil {
		author = commit.By()
		if commit.SHA != "" {
			author += " in " + commit.SHA.Short()
		}
	}
	texts := make([]string, len(holds))
	for i, h := range holds {
		by := h.By
		if by == "" {
			by = author
		}
		texts[i] = describeHold(h.Hold, by, g.Clock.Now()) + "; " + h.reason
	}
	return texts
}

// untilPrepared returns what becomes of a hold of what may be kept.
const untilPrepared = "whether its image is the deployed one, which stays, is known once `prepare` has run: any other one is refused"

// endOfHold returns why a hold ends, and what is not known of that.
func endOfHold(b bump.Bump, name component.Name) string {
	if bump.IsUndecided(b, name) {
		return "the hold ends, as this build is newer than the rejected one, unless `prepare` makes the rejected image again: " +
			"then it is refused"
	}
	return "the hold ends, because this build is newer than the rejected one"
}

// describeOpen returns what holds refuse where the image turns out to be another than the deployed one.
func (g Guards) describeOpen(ctx context.Context, s *repo.Snapshot, open []refusedHold) []string {
	texts := g.describeHolds(ctx, s, open)
	for i := range texts {
		texts[i] += "; " + untilPrepared
	}
	return texts
}

func holdRemedy(b bump.Bump, holds []refusedHold) string {
	var names, same []component.Name
	newer := true
	for _, h := range holds {
		names = component.Add(names, h.Component)
		newer = newer && !h.IsFrozen() && h.Until == config.HoldUntilNewer
		if h.same {
			same = component.Add(same, h.Component)
		}
	}
	remedy := fmt.Sprintf("lift the hold: mage hold -env=%s -only=%s -lift\nor deploy anyway, this once: add -force",
		b.Environment, component.Join(names, ","))
	switch {
	case newer && len(same) > 0:
		remedy = "change what " + component.Join(same, ", ") + " is built from, and release that: it ends the hold\nor " + remedy
	case newer:
		remedy = "release a commit that descends from the rejected one: that ends the hold\nor " + remedy
	}
	return remedy
}

// describeHold returns the time, the author, the rejected build and the reason of a hold, for people.
func describeHold(h hold.Hold, by string, now time.Time) string {
	text := string(h.Component) + " is held since " + h.Since.UTC().Format("2006-01-02 15:04 UTC") + " (" + timeAgo(now.Sub(h.Since)) + ")"
	if by != "" {
		text += " by " + by
	}
	const rejected = ", rejecting "
	switch {
	case h.Tag != "":
		text += rejected + escape.Commit(h.Tag)
	case h.Rejected != "":
		text += rejected + "commit " + h.Rejected.Short()
	}
	if h.Reason != "" {
		text += ": " + strings.Join(strings.Fields(h.Reason), " ")
	}
	return text
}
