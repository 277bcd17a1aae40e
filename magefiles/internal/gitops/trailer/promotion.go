package trailer

import (
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// NewPromoted returns the trailer of a promotion: the environment that the images were taken from, and the commit of its deployment
// repository.
func NewPromoted(environment, repository string, commit commitid.ID) Trailer {
	return Trailer{Key: Promoted, Value: environment + " " + formatCommit(repository, commit)}
}

// PromotedFrom returns the environment that the images were taken from, "" where nothing was promoted.
func (t List) PromotedFrom() string {
	environment, _, _ := strings.Cut(t.Get(Promoted), " ")
	return environment
}
