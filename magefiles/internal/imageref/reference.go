// Package imageref has references to images, as types. What comes in is parsed once, where it comes in; a function below takes what it
// means.
package imageref

import (
	"strings"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Reference names an image of a repository by its tag, its digest or both; with neither it names the repository. References that
// name the same are equal by ==.
type Reference struct {
	Repository
	Tag    string
	Digest digest.Digest
}

// Parse reads a reference as Docker does: without a host it is one of Docker Hub's. Its error is a problem.Problem.
func Parse(s string) (Reference, error) {
	named, err := reference.ParseNormalizedNamed(s)
	if err != nil {
		return Reference{}, problem.New(problem.Usage, "an image is host/owner/name:tag, for example ghcr.io/acme/shop:1.0",
			"reading the image reference %q: %w", s, err)
	}
	r := Reference{Repository: Repository{Host: reference.Domain(named), Path: reference.Path(named)}}
	if tagged, ok := named.(reference.Tagged); ok {
		r.Tag = tagged.Tag()
	}
	if digested, ok := named.(reference.Digested); ok {
		r.Digest = digested.Digest()
	}
	return r, nil
}

// RequireImage refuses a reference that names a repository alone.
func (r Reference) RequireImage() error {
	if r.Tag != "" || r.Digest != "" {
		return nil
	}
	return problem.New(problem.Usage, "add a tag: "+r.String()+":<tag>",
		"reading the image reference %q: it has neither a tag nor a digest", r)
}

// MarshalText returns what String returns.
func (r Reference) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText has written.
func (r *Reference) UnmarshalText(text []byte) (err error) {
	*r = Reference{}
	if len(text) > 0 {
		*r, err = Parse(string(text))
	}
	return err
}

// Compare orders references as their texts are.
func (r Reference) Compare(other Reference) int { return strings.Compare(r.String(), other.String()) }

// IsZero reports whether there is no reference.
func (r Reference) IsZero() bool { return r == Reference{} }

// WithDigest returns the reference with a digest, which decides over its tag; an empty one removes it.
func (r Reference) WithDigest(d digest.Digest) Reference {
	r.Digest = d
	return r
}

// String returns the reference as people write it.
func (r Reference) String() string {
	s := r.Repository.String()
	if r.Tag != "" {
		s += ":" + r.Tag
	}
	if r.Digest != "" {
		s += "@" + r.Digest.String()
	}
	return s
}
