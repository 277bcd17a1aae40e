package bump

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
)

// ID identifies what a bump does: equal for the same source, environment and edits, whatever run makes it and when.
func (b Bump) ID() string {
	h := sha256.New()
	sources := strings.Join(b.Sources().All(trailer.Source), "\n")
	fmt.Fprintf(h, "%q\n%q\n%q %q\n", sources, b.Environment, b.Deployment.Repository, b.Deployment.Branch)
	for _, f := range b.Deployment.Files {
		for _, e := range f.Edits {
			fmt.Fprintf(h, "%q %q %q\n", f.Path, e.Component, e.Expressions)
		}
	}
	if b.Rollback != nil {
		fmt.Fprintf(h, "rollback %q\n", b.Rollback.Rejected)
	}
	for _, hold := range b.Hold {
		fmt.Fprintf(h, "hold %q %q\n", hold.Component, hold.Reason)
	}
	if len(b.Lift) > 0 {
		fmt.Fprintf(h, "lift %q\n", b.Lift)
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}
