package deployment

import (
	"slices"
	"strings"
)

// mostValues keeps the message short: of a bump of more values, the table alone tells who set them.
const mostValues = 100

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
	add(TrailerService, b.Service)
	add(TrailerEnvironment, b.Environment)
	add(TrailerImage, b.inTrailers(draft)...)
	add(TrailerKept, b.keptInTrailers(draft)...)
	if len(draft.assigned) <= mostValues {
		for _, a := range draft.assigned {
			add(TrailerValue, a.edit.Component+" "+a.inTrailer())
		}
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
	add(TrailerRef, b.Ref)
	add(TrailerForced, v.overridden...)
	add(TrailerForced, b.Forced...)
	return t
}

// inTrailers are the images that the files name after the draft.
func (b Bump) inTrailers(draft *Draft) []string {
	var images []string
	for _, image := range b.Images {
		if image.Digest != "" && draft.namesImage(image.Component) {
			images = append(images, image.Component+" "+image.repository()+"@"+image.Digest)
		}
	}
	return images
}

// keptInTrailers are the images that stay named by the tag of an earlier commit.
func (b Bump) keptInTrailers(draft *Draft) []string {
	var images []string
	for _, image := range b.Images {
		for _, k := range draft.kept {
			if k.Component == image.Component {
				images = append(images, k.Component+" "+k.Tag+" "+image.repository()+"@"+k.Digest)
			}
		}
	}
	return images
}

// namesImage reports whether the files name a component's image after the draft. Where `set` asks neither for the tag nor the
// digest, its values say it in another way, such as by a version.
func (d *Draft) namesImage(component string) bool {
	set, named, mentioned := false, false, false
	for _, a := range d.assigned {
		if a.edit.Component == component {
			set, named, mentioned = true, named || a.names(a.after), mentioned || a.mentions()
		}
	}
	return set && (named || !mentioned)
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
