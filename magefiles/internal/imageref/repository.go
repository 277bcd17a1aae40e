package imageref

import (
	"fmt"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Repository is where a registry has images: host/path. Repositories that are the same are equal by ==.
type Repository struct {
	Host string // as in credentials: ghcr.io, docker.io, 127.0.0.1:5000
	Path string // owner/name
}

// ParseRepository reads a repository, without tag and digest. Its error is a problem.Problem.
func ParseRepository(s string) (Repository, error) {
	r, err := Parse(s)
	if err == nil && (r.Tag != "" || r.Digest != "") {
		err = problem.New(problem.Usage, "give the repository alone: host/owner/name", "reading the repository %q: it names an image", s)
	}
	if err != nil {
		return Repository{}, err
	}
	return r.Repository, nil
}

// Tagged returns what the repository has under a tag.
func (r Repository) Tagged(tag string) Reference { return Reference{Repository: r, Tag: tag} }

// At returns what the repository has under a digest.
func (r Repository) At(d digest.Digest) Reference { return Reference{Repository: r, Digest: d} }

// IsZero reports whether there is no repository.
func (r Repository) IsZero() bool { return r == Repository{} }

// String returns host/path.
func (r Repository) String() string { return r.Host + "/" + r.Path }

// PullScope returns the right to read the repository, as tokens name it.
func (r Repository) PullScope() string { return fmt.Sprintf("repository:%s:pull", r.Path) }

// PushScope returns the right that a push needs. Asked for from the first request on, one token per repository does for all.
func (r Repository) PushScope() string { return fmt.Sprintf("repository:%s:pull,push", r.Path) }
