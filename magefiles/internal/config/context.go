package config

import (
	"strings"

	"github.com/distribution/reference"
)

// ImageScheme marks a named context that is an image.
const ImageScheme = "docker-image://"

// contexts decodes named contexts: what FROM and COPY --from find under a name instead of a stage or an image.
func (d *decoder) contexts(into *map[string]string) decode {
	return d.pairs(into, contextName, contextSource)
}

var contextName = matching("name of a context", `[a-z0-9](?:[a-z0-9./:_-]*[a-z0-9])?`,
	"lower-case letters, digits, `-`, `_`, `.`, `/` and `:`, as FROM or COPY --from has it")

// checkContextSource wants a directory of the repository, or an image. Addresses of git and HTTP are left out: what they give can
// change while the commit does not.
func checkContextSource(s string) (string, *flaw) {
	if image, ok := strings.CutPrefix(s, ImageScheme); ok {
		named, f := checkImageReference(image)
		return ImageScheme + named, f
	}
	if strings.Contains(s, "://") {
		return "", flawf("write a directory of the repository, or "+ImageScheme+"registry/path:tag", "is %q, which is neither", s)
	}
	return checkDirectory(s)
}

// checkImageReference wants an image with its registry, and a tag or digest; latest where it has none.
func checkImageReference(s string) (string, *flaw) {
	named, err := reference.ParseNormalizedNamed(s)
	if err != nil {
		return "", flawf("write registry/path:tag, e.g. ghcr.io/acme/base:1", "is %q, which is no image", s)
	}
	return reference.TagNameOnly(named).String(), nil
}
