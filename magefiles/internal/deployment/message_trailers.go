package deployment

import (
	"slices"
	"strings"
)

// trailers are what later runs read of a commit: where its images come from, what it takes back, holds and lifts.
func (b Bump) trailers(draft *Draft, v verdict) Trailers {
	var t Trailers
	add := func(key string, values ...string) {
		for _, value := range values {
			if value != "" {
				t = append(t, Trailer{key, value})
			}
		}
	}
	add(TrailerSource, b.sources()...)
	add(TrailerEnvironment, b.Environment)
	for _, image := range b.Images {
		add(TrailerImage, image.Component+" "+image.repository()+"@"+image.Digest)
	}
	add(TrailerPromoted, b.Promoted)
	if b.Rollback != nil {
		add(TrailerRestored, b.Rollback.Restored)
		for _, build := range b.Rollback.Rejected {
			add(TrailerRollback, build.describe(b.application()))
		}
	}
	for _, h := range b.Hold {
		add(TrailerHold, h.Component+" until "+string(h.Until))
	}
	add(TrailerLifted, draft.lifts(b.Lift)...)
	add(TrailerLifted, draft.freed(v.ended)...)
	add(TrailerReason, b.Reason)
	add(TrailerBumpID, b.ID())
	add(TrailerRun, b.RunURL)
	add(TrailerForced, v.overridden...)
	add(TrailerForced, b.Forced...)
	return t
}

// lifts are those components that are held now; the others' hold does not end.
func (d *Draft) lifts(components []string) []string {
	return slices.DeleteFunc(slices.Clone(components), func(component string) bool {
		return !isHeld(d.Snapshot.Holds, component) && d.Snapshot.holdErr == nil
	})
}

// describe is the value of TrailerRollback.
func (b Build) describe(application string) string {
	text := b.Component + " " + b.Tag
	if b.SHA != "" {
		text += " " + application + "@" + b.SHA
	}
	return strings.TrimSpace(text)
}
