package config

import (
	"errors"
	"strings"

	"github.com/distribution/reference"
)

const imageExample = "write registry/path, e.g. ghcr.io/acme/shop"

// checkImageName wants a repository in the grammar of the distribution specification, with its registry and without a tag or
// digest.
func checkImageName(s string) (string, *flaw) {
	if strings.Contains(s, "{{") {
		return "", flawf("give components images of their own with `image:` below each", "is %q, but takes no template", s)
	}
	if _, rest, ok := strings.Cut(s, "://"); ok {
		return "", flawf("write `"+strings.TrimSuffix(rest, "/")+"`", "is %q, but takes no scheme", s)
	}
	named, err := reference.ParseNormalizedNamed(s)
	switch {
	case err != nil && s != strings.ToLower(s):
		return "", flawf("write `"+strings.ToLower(s)+"`", "is %q, but an image name is lower-case", s)
	case errors.Is(err, reference.ErrNameTooLong):
		return "", flawf(imageExample, "has %d characters, more than a repository may have", len(s))
	case err != nil:
		return "", flawf(imageExample, "is %q, which is no image name", s)
	case !reference.IsNameOnly(named):
		return "", flawf("write `"+named.Name()+"`; the tag is made from `tag:`", "is %q, but takes neither tag nor digest", s)
	case named.Name() != s: // the short form of Docker Hub
		return "", flawf("write `"+named.Name()+"`, or e.g. `ghcr.io/"+reference.Path(named)+"`", "is %q, which names no registry", s)
	}
	return s, nil
}
