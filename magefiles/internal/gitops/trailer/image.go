package trailer

import (
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// NewImage returns the trailer of an image that is deployed.
func NewImage(name component.Name, repository imageref.Repository, deployed digest.Digest) Trailer {
	return Trailer{Key: Image, Value: string(name) + " " + repository.At(deployed).String()}
}

// NewKept returns the trailer of an image that stays named by the tag of an earlier commit.
func NewKept(name component.Name, tag string, repository imageref.Repository, kept digest.Digest) Trailer {
	return Trailer{Key: Kept, Value: string(name) + " " + tag + " " + repository.At(kept).String()}
}

// Image returns the repository and the digest of a component's image, empty where none was deployed: what is no digest names none.
func (t List) Image(name component.Name) (repository string, deployed digest.Digest) {
	for _, image := range t.All(Image) {
		of, pinned, _ := strings.Cut(image, " ")
		if of != string(name) {
			continue
		}
		parts := imageref.Split(strings.TrimSpace(pinned))
		repository, deployed = parts.Name, digest.Digest(parts.Digest)
		if deployed.Validate() != nil {
			deployed = ""
		}
	}
	return repository, deployed
}

// Names reports whether an image of the component was deployed.
func (t List) Names(name component.Name) bool {
	_, digest := t.Image(name)
	return digest != ""
}

// Deploys reports whether images of any component were deployed or kept.
func (t List) Deploys() bool { return len(t.All(Image))+len(t.All(Kept)) > 0 }
