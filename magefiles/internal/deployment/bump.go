package deployment

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// Bump is one commit to make in a deployment repository.
type Bump struct {
	Deployment  plan.Deployment
	Service     string
	Environment string
	Source      source.Commit // of the application repository
	Images      []Image       // every image that the edits name, resolved in the registry
	RunURL      string        // of the workflow run; empty outside of one
	Ancestry    Ancestry      // of the application repository's commits; nil: an older build may replace a newer one
	Force       bool          // replace a newer build, and say so in the commit
	Snapshot    *Snapshot     // read before, for example by a preflight; nil: Bump reads itself
}

// Image is a pushed image that the registry was asked for.
type Image struct {
	Component string
	Ref       string // repository:tag
	Digest    string // sha256:<64 hex digits>
}

var digestGrammar = regexp.MustCompile(`^[a-z0-9]+:[0-9a-f]{32,}$`)

// check refuses a bump that names an image nobody resolved: the deployment repository must never ask a cluster for an
// image that the registry lacks.
func (b Bump) check() error {
	resolved := make(map[string]bool, len(b.Images))
	for _, image := range b.Images {
		resolved[image.Ref] = digestGrammar.MatchString(image.Digest)
	}
	for _, f := range b.Deployment.Files {
		for _, e := range f.Edits {
			if e.Image != "" && !resolved[e.Image] {
				return problem.New(problem.Refused, "push it first: mage push",
					"setting %q in %s@%s: no digest of the image is known, so nothing says that the registry has it",
					e.Image, b.Deployment.Repository, b.Deployment.Branch)
			}
		}
	}
	return nil
}

// application is the application repository; one without a remote is named by its service.
func (b Bump) application() string { return cmp.Or(b.Source.Repository, b.Service) }

// source is the application repository and commit.
func (b Bump) source() string { return b.application() + "@" + b.Source.SHA }

func (b Bump) trailers(overridden []string) Trailers {
	t := Trailers{
		{TrailerSource, b.source()},
		{TrailerEnvironment, b.Environment},
	}
	for _, image := range b.Images {
		t = append(t, Trailer{TrailerImage, image.Component + " " + image.repository() + "@" + image.Digest})
	}
	t = append(t, Trailer{TrailerBumpID, b.ID()})
	if b.RunURL != "" {
		t = append(t, Trailer{TrailerRun, b.RunURL})
	}
	for _, build := range overridden {
		t = append(t, Trailer{TrailerForced, build})
	}
	return t
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
	fmt.Fprintf(h, "%q\n%q\n%q %q\n", b.source(), b.Environment, b.Deployment.Repository, b.Deployment.Branch)
	for _, f := range b.Deployment.Files {
		for _, e := range f.Edits {
			fmt.Fprintf(h, "%q %q %q\n", f.Path, e.Component, e.Expressions)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}
