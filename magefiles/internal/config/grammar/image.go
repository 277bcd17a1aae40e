package grammar

import (
	"errors"
	"strings"

	"github.com/distribution/reference"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

const imageExample = "write registry/path, e.g. ghcr.io/acme/shop"

// parseImageName wants a repository in the grammar of the distribution specification, with its registry and without a tag or
// digest.
func parseImageName(s string) (none imageref.Repository, _ *yamlschema.Flaw) {
	if strings.Contains(s, "{{") {
		return none, yamlschema.Flawf("give components images of their own with `image:` below each", "is %q, but takes no template", s)
	}
	if _, rest, ok := strings.Cut(s, "://"); ok {
		return none, yamlschema.Flawf("write `"+strings.TrimSuffix(rest, "/")+"`", "is %q, but takes no scheme", s)
	}
	named, err := imageref.Parse(s)
	name := named.Repository.String()
	switch {
	case err != nil && s != strings.ToLower(s):
		return none, yamlschema.Flawf("write `"+strings.ToLower(s)+"`", "is %q, but an image name is lower-case", s)
	case errors.Is(err, reference.ErrNameTooLong):
		return none, yamlschema.Flawf(imageExample, "has %d characters, more than a repository may have", len(s))
	case err != nil:
		return none, yamlschema.Flawf(imageExample, "is %q, which is not an image name", s)
	case named != imageref.Reference{Repository: named.Repository}:
		return none, yamlschema.Flawf("write `"+name+"`; the tag is made from `tag:`", "is %q, but takes neither tag nor digest", s)
	case name != s: // the short form of Docker Hub
		return none, yamlschema.Flawf("write `"+name+"`, or e.g. `ghcr.io/"+named.Path+"`", "is %q, which names no registry", s)
	}
	return named.Repository, nil
}

// ImageScheme marks a named context that is an image.
const ImageScheme = "docker-image://"

// checkContextSource wants a directory of the repository, or an image. Addresses of git and HTTP are left out: what they give can
// change while the commit does not.
func checkContextSource(s string) (string, *yamlschema.Flaw) {
	if image, ok := strings.CutPrefix(s, ImageScheme); ok {
		named, f := checkImageReference(image)
		return ImageScheme + named, f
	}
	if strings.Contains(s, "://") {
		return "", yamlschema.Flawf("write a directory of the repository, or "+ImageScheme+"registry/path:tag", "is %q, which is neither",
			s)
	}
	return checkDirectory(s)
}

// checkImageReference wants an image with its registry, and a tag or digest; latest where it has none.
func checkImageReference(s string) (string, *yamlschema.Flaw) {
	named, err := reference.ParseNormalizedNamed(s)
	if err != nil {
		return "", yamlschema.Flawf("write registry/path:tag, e.g. ghcr.io/acme/base:1", "is %q, which is not an image", s)
	}
	return reference.TagNameOnly(named).String(), nil
}
