// Package name has references to images and repositories: an operation of package registry parses them as they come in, once.
package name

import (
	"fmt"

	"github.com/distribution/reference"
	digest "github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Reference names an image: host/path, with a tag or a digest, or neither for a repository.
type Reference struct {
	Host   string // as in credentials: ghcr.io, docker.io, 127.0.0.1:5000
	Path   string // owner/name
	Tag    string
	Digest digest.Digest
}

// Parse reads a reference as Docker does: without a host it is one of Docker Hub's.
func Parse(s string) (Reference, error) {
	named, err := reference.ParseNormalizedNamed(s)
	if err != nil {
		return Reference{}, problem.New(problem.Usage, "an image is host/owner/name:tag, for example ghcr.io/acme/shop:1.0",
			"reading the image reference %q: %w", s, err)
	}
	r := Reference{Host: reference.Domain(named), Path: reference.Path(named)}
	if tagged, ok := named.(reference.Tagged); ok {
		r.Tag = tagged.Tag()
	}
	if digested, ok := named.(reference.Digested); ok {
		r.Digest = digested.Digest()
	}
	return r, nil
}

// ParseImage reads a reference that must name an image, by tag or digest.
func ParseImage(s string) (Reference, error) {
	r, err := Parse(s)
	if err == nil && r.Tag == "" && r.Digest == "" {
		return Reference{}, problem.New(problem.Usage, "add a tag: "+s+":<tag>",
			"reading the image reference %q: it has neither a tag nor a digest", s)
	}
	return r, err
}

// Repository returns host and path alone.
func (r Reference) Repository() string { return r.Host + "/" + r.Path }

// String returns the reference as people write it.
func (r Reference) String() string {
	s := r.Repository()
	if r.Tag != "" {
		s += ":" + r.Tag
	}
	if r.Digest != "" {
		s += "@" + r.Digest.String()
	}
	return s
}

// At returns what the repository has under a digest. containerd puts every manifest by its own digest.
func (r Reference) At(d digest.Digest) Reference {
	return Reference{Host: r.Host, Path: r.Path, Digest: d}
}

// PullScope returns the right to read the repository, as tokens name it.
func (r Reference) PullScope() string { return fmt.Sprintf("repository:%s:pull", r.Path) }

// PushScope returns the right that a push needs. Asked for from the first request on, one token per repository does for all.
func (r Reference) PushScope() string { return fmt.Sprintf("repository:%s:pull,push", r.Path) }
