package rollout

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// unchanged stands in a fingerprint for a deployment of which nothing changes.
const unchanged = "none"

// Fingerprint identifies what drafts change: in each deployment which values, from what and to what. It says nothing of the values.
func Fingerprint(drafts []*edit.Draft) string {
	if len(drafts) == 0 {
		return unchanged
	}
	parts := make([]string, len(drafts))
	for i, draft := range drafts {
		parts[i] = fingerprintOf(draft)
	}
	return strings.Join(parts, ",")
}

func fingerprintOf(draft *edit.Draft) string {
	if draft == nil || len(draft.Changes) == 0 {
		return unchanged
	}
	h := sha256.New()
	fmt.Fprintf(h, "%q %q\n", draft.Snapshot.Repository, draft.Snapshot.Branch)
	for _, a := range draft.Assigned {
		if a.Before != a.After {
			fmt.Fprintf(h, "%q %q %q %q\n", a.File, a.Key(), a.Before, a.After)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// RequireApproved refuses drafts that change anything else than the dry run did whose fingerprint was approved; an empty one approves
// all. A deployment of which nothing changes any more is done: the run that was approved may have been cut off after it.
func RequireApproved(env *cli.Env, approved string, drafts []*edit.Draft) error {
	if approved == "" {
		return nil
	}
	parts := strings.Split(approved, ",")
	same := len(parts) == len(drafts)
	for i, draft := range drafts {
		now := fingerprintOf(draft)
		same = same && (now == unchanged || now == parts[i])
	}
	if same {
		return nil
	}
	environment := env.Project.Environment.Name
	return problem.New(problem.Refused,
		"look at what is deployed now: mage status -env="+environment+"\nlook at a new dry run, and let that be approved",
		"refusing to %s in %s: something has changed since the dry run that was approved", env.Command.Name, environment)
}
