package message

import (
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/guard"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
)

// mostValues keeps the message short: of a bump of more values, the table alone lists the values.
const mostValues = 100

// Trailers returns the part of a commit's message that later runs read: where its images come from, what it takes back, holds and lifts.
func Trailers(b bump.Bump, draft *edit.Draft, v guard.Verdict) trailer.List {
	var t trailer.List
	add := func(key string, values ...string) {
		for _, value := range values {
			if value != "" {
				t = append(t, trailer.Trailer{Key: key, Value: value})
			}
		}
	}
	add(trailer.Source, b.Sources()...)
	add(trailer.Service, b.Service)
	add(trailer.Environment, b.Environment)
	add(trailer.Image, imagesOf(b, draft)...)
	add(trailer.Kept, keptImagesOf(b, draft)...)
	if len(draft.Assigned) <= mostValues {
		for _, a := range draft.Assigned {
			add(trailer.Value, string(a.Edit.Component)+" "+a.InTrailer())
		}
	}
	add(trailer.Promoted, b.Promoted)
	if b.Rollback != nil {
		add(trailer.Restored, string(b.Rollback.Restored))
		for _, build := range b.Rollback.Rejected {
			add(trailer.Rollback, describeRejected(build, b.Application()))
		}
	}
	for _, h := range b.Hold {
		add(trailer.Hold, string(h.Component)+" until "+string(h.Until))
	}
	add(trailer.Lifted, component.Texts(draft.Lifts(b.Lift))...)
	add(trailer.Lifted, component.Texts(draft.Freed(v.Ended))...)
	add(trailer.Reason, b.Reason)
	add(trailer.BumpID, b.ID())
	add(trailer.Run, b.RunURL)
	add(trailer.Actor, b.Actor)
	add(trailer.Ref, b.Ref)
	add(trailer.Forced, v.Overridden...)
	add(trailer.Forced, b.Forced...)
	return t
}

// imagesOf are the images that the files name after the draft.
func imagesOf(b bump.Bump, draft *edit.Draft) []string {
	var images []string
	for _, image := range b.Images {
		if image.Digest != "" && draft.NamesImage(image.Component) {
			images = append(images, string(image.Component)+" "+image.Ref.Repository.At(image.Digest).String())
		}
	}
	return images
}

// keptImagesOf are the images that stay named by the tag of an earlier commit.
func keptImagesOf(b bump.Bump, draft *edit.Draft) []string {
	var images []string
	for _, image := range b.Images {
		for _, k := range draft.Kept {
			if k.Component == image.Component {
				images = append(images, string(k.Component)+" "+k.Tag+" "+image.Ref.Repository.At(k.Digest).String())
			}
		}
	}
	return images
}

// describeRejected returns the value of trailer.Rollback.
func describeRejected(b bump.Build, application string) string {
	text := string(b.Component) + " " + b.Tag
	if b.SHA != "" {
		text += " " + application + "@" + string(b.SHA)
	}
	return strings.TrimSpace(text)
}
