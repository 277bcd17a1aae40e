package registry

import (
	"fmt"

	"github.com/distribution/reference"
	digest "github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// ref is a parsed reference: host/path, with a tag or a digest, or neither for a repository.
type ref struct {
	host   string // as in credentials: ghcr.io, docker.io, 127.0.0.1:5000
	path   string // owner/name
	tag    string
	digest digest.Digest
}

// parse reads a reference as Docker does: without a host it is one of Docker Hub's.
func parse(s string) (ref, error) {
	named, err := reference.ParseNormalizedNamed(s)
	if err != nil {
		return ref{}, problem.New(problem.Usage, "an image is host/owner/name:tag, for example ghcr.io/acme/shop:1.0",
			"reading the image reference %q: %w", s, err)
	}
	r := ref{host: reference.Domain(named), path: reference.Path(named)}
	if tagged, ok := named.(reference.Tagged); ok {
		r.tag = tagged.Tag()
	}
	if digested, ok := named.(reference.Digested); ok {
		r.digest = digested.Digest()
	}
	return r, nil
}

// parseImage reads a reference that must name an image, by tag or digest.
func parseImage(s string) (ref, error) {
	r, err := parse(s)
	if err == nil && r.tag == "" && r.digest == "" {
		return ref{}, problem.New(problem.Usage, "add a tag: "+s+":<tag>", "reading the image reference %q: it has neither a tag nor a digest", s)
	}
	return r, err
}

func (r ref) repository() string { return r.host + "/" + r.path }

func (r ref) String() string {
	s := r.repository()
	if r.tag != "" {
		s += ":" + r.tag
	}
	if r.digest != "" {
		s += "@" + r.digest.String()
	}
	return s
}

// at is the same image by digest alone, under which containerd puts every manifest by its own digest.
func (r ref) at(d digest.Digest) ref { return ref{host: r.host, path: r.path, digest: d} }

// scope is the right that a push needs. Asked for from the first request on, one token per repository does for all.
func (r ref) scope() string { return fmt.Sprintf("repository:%s:pull,push", r.path) }
