package deployment

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// Bump is one commit to make in a deployment repository.
type Bump struct {
	Deployment  plan.Deployment
	Service     string
	Formerly    []string // names that the service and its repository had before
	Environment string
	Source      source.Commit // of the application repository; images may name commits of their own
	Images      []Image       // every image that the edits name, resolved in the registry
	RunURL      string        // of the workflow run; empty outside of one
	Ref         string        // a branch or tag that the environment does not take, where it was deployed from that; else empty
	Ancestry    Ancestry      // of the application repository's commits; nil: an older build may replace a newer one
	Force       bool          // replace a newer build and pass a hold, and say so in the commit
	Snapshot    *Snapshot     // read before, for example by a preflight; nil: Bump reads itself

	// Check is asked just before every attempt to commit, with what is about to be committed: its error ends the bump.
	// nil asks nothing.
	Check func(context.Context, *Draft) error

	// KeyOf tells what an image was built from that names no Key, where a hold records it. nil: such images are compared by
	// their digests alone.
	KeyOf func(context.Context, Image) (string, error)

	// DigestOf tells the digest of a component's image under another tag of its repository, "" where there is none. nil: nothing
	// is kept of Deployment.Unchanged.
	DigestOf func(ctx context.Context, image Image, tag string) (string, error)

	Promoted string    // environment, repository@commit that the images were taken from; empty for a release
	Rollback *Rollback // what this takes back; nil for everything else
	Hold     []Hold    // holds to put
	Lift     []string  // components whose hold is to end
	Reason   string    // why, as a person gave it
	Forced   []string  // what the caller let pass by force, for TrailerForced
}

// Rollback takes an environment back. No guard is asked: a person has decided.
type Rollback struct {
	Restored string  // commit of the deployment repository whose values these are
	Rejected []Build // what is replaced
}

// Build is what was deployed of a component.
type Build struct {
	Component string
	Tag       string
	SHA       string // commit of the application repository, as much as is known of it
	Digest    string // of its image, and the key of what that was built from, as far as they are known
	Key       string
}

// Image is a pushed image that the registry was asked for.
type Image struct {
	Component string
	Ref       string // repository:tag
	Digest    string // sha256:<64 hex digits>
	SHA       string // commit of the application repository that it was built from; empty is the bump's
	Key       string // of what it was built from; empty where nothing tells
	Unseen    bool   // a person has forced it past the registry, which has not shown it
}

var digestGrammar = regexp.MustCompile(`^[a-z0-9]+:[0-9a-f]{32,}$`)

// check refuses a bump that names an image nobody resolved: the deployment repository must never ask a cluster for an
// image that the registry lacks.
func (b Bump) check() error {
	resolved := make(map[string]bool, len(b.Images))
	for _, image := range b.Images {
		resolved[image.Ref] = image.Unseen && b.Rollback != nil || digestGrammar.MatchString(image.Digest)
	}
	for _, f := range b.Deployment.Files {
		for _, e := range f.Edits {
			if e.Image != "" && !resolved[e.Image] {
				return problem.New(problem.Refused, "push it first: mage push",
					"setting %q in %s@%s: no digest of the image is known, so nothing says that the registry has it",
					e.Image, b.Deployment.Repository, b.Deployment.Branch)
			}
			if e.IsPending() {
				return problem.New(problem.Refused, "use {{ .Digest }} or {{ .Ref }} whole, of an image with a sha256 digest",
					"setting values of %q in %s@%s: the digest of its image cannot be filled into `set`",
					e.Component, b.Deployment.Repository, b.Deployment.Branch)
			}
		}
	}
	return nil
}

// pinned is the bump with the digests of its images in the expressions that ask for them.
func (b Bump) pinned() Bump {
	digests := map[string]string{}
	for _, image := range b.Images {
		digests[image.Component] = image.Digest
	}
	b.Deployment = b.Deployment.Pinned(digests)
	return b
}

// application is the application repository; one without a remote is named by its service.
func (b Bump) application() string { return cmp.Or(b.Source.Repository, b.Service) }

// sha is the commit that a component comes from.
func (b Bump) sha(component string) string {
	for _, image := range b.Images {
		if image.Component == component && image.SHA != "" {
			return image.SHA
		}
	}
	return b.Source.SHA
}

// commits are those that the images come from, without duplicates; the bump's own where there is no image.
func (b Bump) commits() []string {
	if len(b.Images) == 0 {
		return []string{b.Source.SHA}
	}
	var all []string
	for _, image := range b.Images {
		if sha := b.sha(image.Component); !slices.Contains(all, sha) {
			all = append(all, sha)
		}
	}
	return all
}

// shortSHA names the commits for people.
func (b Bump) shortSHA() string {
	var short []string
	for _, sha := range b.commits() {
		if sha == "" {
			sha = "unknown"
		}
		short = append(short, sha[:min(8, len(sha))])
	}
	return strings.Join(short, ", ")
}

// sources are the values of TrailerSource: one for all images, or one for each commit with the components that it gave.
func (b Bump) sources() []string {
	commits := b.commits()
	if len(commits) == 1 {
		return []string{strings.TrimSuffix(b.application()+"@"+commits[0], "@")}
	}
	var all []string
	for _, sha := range commits {
		words := []string{strings.TrimSuffix(b.application()+"@"+sha, "@")}
		for _, image := range b.Images {
			if b.sha(image.Component) == sha {
				words = append(words, image.Component)
			}
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

// repository is Ref without its tag; a colon before the last slash belongs to a registry's port.
func (i Image) repository() string {
	if colon := strings.LastIndexByte(i.Ref, ':'); colon > strings.LastIndexByte(i.Ref, '/') {
		return i.Ref[:colon]
	}
	return i.Ref
}

// ID identifies what a bump does: equal for the same source, environment and edits, whoever runs it and when.
func (b Bump) ID() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n%q\n%q %q\n", strings.Join(b.sources(), "\n"), b.Environment, b.Deployment.Repository, b.Deployment.Branch)
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
