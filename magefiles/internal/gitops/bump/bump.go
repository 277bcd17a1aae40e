// Package bump is the request for one commit in a deployment repository: which images of which commits, for which environment; and
// what that changes on a snapshot.
package bump

import (
	"context"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Bump is one commit to make in a deployment repository.
type Bump struct {
	Deployment  plan.Deployment
	Service     string
	Formerly    []string // names that the service and its repository had before
	Environment string
	Source      git.Commit     // of the application repository; images may name commits of their own
	Images      []Image        // every image that the edits name, resolved in the registry
	RunURL      string         // of the workflow run; empty outside of one
	Actor       string         // person that asked for that run; empty outside of one
	Ref         string         // a branch or tag that the environment does not take, where it was deployed from that; else empty
	Ancestry    Ancestry       // of the application repository's commits; nil: an older build may replace a newer one
	Force       bool           // replace a newer build and pass a hold, and say so in the commit
	Snapshot    *repo.Snapshot // read before, for example by a preflight; nil: Bump reads itself

	// Approve is asked on every head about what is to change there, also where that is a hold alone, and before the guards are: its
	// error ends the bump. nil approves all.
	Approve func(*edit.Draft) error

	// Check is asked just before every attempt to commit, with what is about to be committed: its error ends the bump.
	// nil asks nothing.
	Check func(context.Context, *edit.Draft) error

	// KeyOf returns what an image was built from that names no Key, where a hold records it. nil: such images are compared by
	// their digests alone.
	KeyOf func(context.Context, Image) (string, error)

	// DigestOf returns the digest of a component's image under another tag of its repository, "" where there is none. nil: nothing
	// is kept of Deployment.Unchanged.
	DigestOf func(ctx context.Context, image Image, tag string) (digest.Digest, error)

	// Undecided are the components of which it is not known yet what image they will have: of those, a guard that asks for the image
	// says what it would refuse.
	Undecided []component.Name

	// KeptBefore are the records that the open pull request proposes of components which the bump leaves out.
	KeptBefore []hold.Kept

	Notes *notes.Notes // what the images bring, for the text of a pull request; nil: nothing is said

	Promoted *Promotion       // where the images were taken from; nil for a release
	Rollback *Rollback        // what this takes back; nil for everything else
	Hold     []hold.Hold      // holds to put
	Lift     []component.Name // components whose hold is to end
	Reason   string           // why, as a person gave it
	Forced   []string         // what the caller let pass by force, for trailer.Forced
}

// Promotion is a state of another environment, of which images are taken.
type Promotion struct {
	Environment string      // by name
	Repository  string      // deployment repository, owner/name
	Commit      commitid.ID // of it
}

// Rollback takes an environment back. No guard is run: a person has decided.
type Rollback struct {
	Restored commitid.ID // commit of the deployment repository whose values these are
	Rejected []Build     // what is replaced
}

// Build is a deployed build of a component.
type Build struct {
	Component component.Name
	Tag       string
	SHA       commitid.ID   // commit of the application repository, as much as is known of it
	Digest    digest.Digest // of its image, and the key of what that was built from, as far as they are known
	Key       string
}

// Image is a pushed image that the registry was asked for.
type Image struct {
	Component component.Name
	Ref       imageref.Reference // by its tag
	Digest    digest.Digest      // sha256:<64 hex digits>
	SHA       commitid.ID        // commit of the application repository that it was built from; empty is the bump's
	Key       string             // of what it was built from; empty where nothing tells
	Unseen    bool               // a person has forced it past the registry, which has not shown it
}

// Ancestry compares commits of the application repository.
type Ancestry interface {
	// Compare returns how head stands to base, which may be abbreviated. git.Unknown is an answer; an error means that what
	// would know could not be asked.
	Compare(ctx context.Context, base, head commitid.ID) (git.Comparison, error)
}
