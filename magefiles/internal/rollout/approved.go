package rollout

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// unchanged stands in a fingerprint for a deployment of which nothing changes.
const unchanged = "none"

// Fingerprint identifies what bumps would do by their drafts: in each deployment which values change, from what and to what, by which
// images, and which holds end on request. It says nothing of the values.
func Fingerprint(drafts []*edit.Draft, bumpOf BumpOf) string {
	if len(drafts) == 0 {
		return unchanged
	}
	parts := make([]string, len(drafts))
	for i, draft := range drafts {
		parts[i] = fingerprintOf(bumpOf(i), draft)
	}
	return strings.Join(parts, ",")
}

func fingerprintOf(b bump.Bump, draft *edit.Draft) string {
	if draft == nil || len(draft.Changes) == 0 && len(draft.Lifts(b.Lift)) == 0 {
		return unchanged
	}
	h := sha256.New()
	fmt.Fprintf(h, "%q %q\n", draft.Snapshot.Repository, draft.Snapshot.Branch)
	for _, a := range draft.Assigned {
		if a.Before != a.After {
			fmt.Fprintf(h, "%q %q %q %q\n", a.File, a.Key(), a.Before, a.After)
		}
	}
	changed := draft.Components()
	for _, image := range b.Images {
		if slices.Contains(changed, image.Component) {
			fmt.Fprintf(h, "%q %q %q\n", image.Component, image.Ref.String(), image.Digest)
		}
	}
	writeLifted(h, b, draft)
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// writeLifted writes the holds that a bump ends on request. A file of holds that nothing reads is lifted as a whole.
func writeLifted(w io.Writer, b bump.Bump, draft *edit.Draft) {
	if len(b.Lift) > 0 && draft.Snapshot.HoldErr != nil {
		fmt.Fprintf(w, "%q %q\n", draft.Snapshot.HoldBytes, draft.Snapshot.FormerBytes)
	}
	for _, h := range draft.Snapshot.Holds {
		if slices.Contains(b.Lift, h.Component) {
			fmt.Fprintf(w, "%q %q %q %q %q %q %q %d\n", h.Component, h.Rejected, h.Tag, h.Digest, h.Until, h.Reason, h.By, h.Since.Unix())
		}
	}
}

// RequireApproved refuses drafts that differ from those of the dry run whose fingerprint was approved; an empty one approves all. A
// deployment of which nothing changes any more is done: the run that was approved may have been cut off after it. CommitAll requires the
// same of its commits: a head that moves is read again.
func (r *Rollout) RequireApproved(approved string, drafts []*edit.Draft, bumpOf BumpOf) error {
	if approved == "" {
		return nil
	}
	r.approved = strings.Split(approved, ",")
	if len(r.approved) != len(drafts) {
		return notApproved(r.env)
	}
	for i, draft := range drafts {
		if err := r.approve(i, bumpOf(i), draft); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rollout) approve(i int, b bump.Bump, draft *edit.Draft) error {
	if now := fingerprintOf(b, draft); r.approved == nil || now == unchanged || now == r.approved[i] {
		return nil
	}
	return notApproved(r.env)
}

func notApproved(env *cli.Env) error {
	environment := env.Project.Environment.Name
	return problem.New(problem.Refused,
		"look at what is deployed now: mage status -env="+environment+"\nlook at a new dry run, and let that be approved",
		"refusing to %s in %s: something has changed since the dry run that was approved", env.Command.Name, environment)
}
