package message

import (
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/guard"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
)

// mostValues keeps the message short: of a bump of more values, the table alone lists the values.
const mostValues = 100

// Trailers returns the part of a commit's message that later runs read: where its images come from, what it takes back, holds and lifts.
func Trailers(b bump.Bump, draft *edit.Draft, v guard.Verdict) trailer.List {
	text := func(key, value string) trailer.Trailer { return trailer.Trailer{Key: key, Value: value} }
	all := slices.Concat(b.Sources(), trailer.List{text(trailer.Service, b.Service), text(trailer.Environment, b.Environment)},
		imagesOf(b, draft), keptImagesOf(b, draft), valuesOf(draft))
	if b.Promoted != nil {
		all = append(all, trailer.NewPromoted(b.Promoted.Environment, b.Promoted.Repository, b.Promoted.Commit))
	}
	if b.Rollback != nil {
		all = append(all, trailer.NewRestored(b.Rollback.Restored))
		for _, build := range b.Rollback.Rejected {
			all = append(all, trailer.NewRollback(build.Component, build.Tag, b.Application(), build.SHA))
		}
	}
	for _, h := range b.Hold {
		all = append(all, trailer.NewHold(h.Component, string(h.Until)))
	}
	for _, name := range slices.Concat(draft.Lifts(b.Lift), draft.Freed(v.Ended)) {
		all = append(all, trailer.NewLifted(name))
	}
	all = append(all, text(trailer.Reason, b.Reason), text(trailer.BumpID, b.ID()), text(trailer.Run, b.RunURL),
		text(trailer.Actor, b.Actor), text(trailer.Ref, b.Ref))
	for _, forced := range slices.Concat(v.Overridden, b.Forced) {
		all = append(all, text(trailer.Forced, forced))
	}
	return slices.DeleteFunc(all, func(t trailer.Trailer) bool { return t.Value == "" })
}

// imagesOf are the images that the files name after the draft.
func imagesOf(b bump.Bump, draft *edit.Draft) trailer.List {
	var images trailer.List
	for _, image := range b.Images {
		if image.Digest != "" && draft.NamesImage(image.Component) {
			images = append(images, trailer.NewImage(image.Component, image.Ref.Repository, image.Digest))
		}
	}
	return images
}

// keptImagesOf are the images that stay named by the tag of an earlier commit.
func keptImagesOf(b bump.Bump, draft *edit.Draft) trailer.List {
	var images trailer.List
	for _, image := range b.Images {
		for _, k := range draft.Kept {
			if k.Component == image.Component {
				images = append(images, trailer.NewKept(k.Component, k.Tag, image.Ref.Repository, k.Digest))
			}
		}
	}
	return images
}

// valuesOf are the values that the draft sets, unless they are too many.
func valuesOf(draft *edit.Draft) trailer.List {
	if len(draft.Assigned) > mostValues {
		return nil
	}
	var values trailer.List
	for _, a := range draft.Assigned {
		values = append(values, trailer.NewValue(a.Edit.Component, a.InTrailer()))
	}
	return values
}
