package imageref

import (
	"fmt"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Repository is a repository of a registry: host/path. Repositories that are the same are equal by ==.
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

// Compare orders repositories as their texts are.
func (r Repository) Compare(other Repository) int { return strings.Compare(r.String(), other.String()) }

// IsZero reports whether there is no repository.
func (r Repository) IsZero() bool { return r == Repository{} }

// String returns host/path, "" where there is no repository.
func (r Repository) String() string {
	if r.IsZero() {
		return ""
	}
	return r.Host + "/" + r.Path
}

// MarshalText returns what String returns.
func (r Repository) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText has written.
func (r *Repository) UnmarshalText(text []byte) (err error) {
	*r = Repository{}
	if len(text) > 0 {
		*r, err = ParseRepository(string(text))
	}
	return err
}

// PullScope returns the right to read the repository, as tokens name it.
func (r Repository) PullScope() string { return fmt.Sprintf("repository:%s:pull", r.Path) }

// PushScope returns the right that a push needs. Asked for from the first request on, one token per repository does for all.
func (r Repository) PushScope() string { return fmt.Sprintf("repository:%s:pull,push", r.Path) }
