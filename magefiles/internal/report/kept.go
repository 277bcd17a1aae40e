package report

import (
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

// Kept is a component whose values keep the tag that they have.
type Kept struct {
	Component component.Name `json:"component"`
	Tag       string         `json:"tag"`
	Digest    digest.Digest  `json:"digest"`
}

// KeepsAll reports whether no value was changed, as every image is the deployed one.
func (d Deployment) KeepsAll() bool { return len(d.Changes) == 0 && len(d.Kept) > 0 }

// Text is for people.
func (k Kept) Text() string {
	return string(k.Component) + " keeps " + k.Tag + ", which is the same image"
}

// deployedTag is the tag by which the values name an image after the run.
func (r Report) deployedTag(image Image) string {
	for _, d := range r.Deployment {
		for _, k := range d.Kept {
			if k.Component == image.Component {
				return k.Tag
			}
		}
	}
	return image.Tag()
}
