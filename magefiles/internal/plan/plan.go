// Package plan computes, without touching anything, all that a release will do: images, tags and value edits. Plan is
// the one value that every later stage reads; no stage invents a name, a tag or a path.
package plan

import (
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// Plan is complete before anything is touched. It is plain data and safe to share between goroutines.
type Plan struct {
	Service     string
	Formerly    []string // names that the service and its repository had before
	Environment string
	Commit      git.Commit
	Created     time.Time      // stamped into the images (SOURCE_DATE_EPOCH), UTC
	Prepare     config.Prepare // what runs before the images are built
	Output      config.Output  // empty is config.OutputAuto
	Load        config.Loader  // empty is config.LoaderAuto
	Images      []Image        // in the configuration's order
	Deployments []Deployment
	ArgoCD      []config.ArgoCD
	Mirrors     map[string]string // as config.Environment has them
	Notify      []config.Notify
}

// Applications are the names of the environment's applications of Argo CD.
func (p Plan) Applications() []string {
	names := make([]string, len(p.ArgoCD))
	for i, a := range p.ArgoCD {
		names[i] = a.Application
	}
	return names
}

// Image is one component's image for this commit.
type Image struct {
	Component     component.Name
	Repository    imageref.Repository
	Tag           string // ends in -dirty when the tree is
	Context       string // slash-separated, relative to Commit.Root
	Dockerfile    string // slash-separated, relative to Commit.Root
	Target        string
	Platforms     []string
	Assumed       bool // Platforms is Options.Platform, as the configuration names none
	Args          map[string]string
	Labels        map[string]string // complete: the org.opencontainers.image ones and the configuration's
	OwnLabels     map[string]string // those of the configuration alone
	Secrets       []config.Secret
	SSH           []config.SSH
	Contexts      map[string]string // named contexts, as config.Component has them
	Needs         []Image           // named contexts under their component's name, planned themselves or not
	OnBuildMounts bool              // base images' ONBUILD instructions may mount, also where there are secrets or SSH keys
	Reproducible  bool              // every daemon gives the same digest, as far as the build steps do
	Cache         config.Cache
	Provenance    config.Provenance
	SBOM          string
}

// Ref is the image under its tag.
func (i Image) Ref() imageref.Reference { return i.Repository.Tagged(i.Tag) }

// Components are the names of images' components.
func Components(images []Image) []component.Name {
	names := make([]component.Name, len(images))
	for i, image := range images {
		names[i] = image.Component
	}
	return names
}

// Deployment is one branch of one deployment repository; all its files change in one commit.
type Deployment struct {
	Repository  string // owner/name
	Branch      string
	API         config.API          // empty is config.APIGraphQL
	Diverged    config.Divergence   // empty is config.DivergedAllow
	Unchanged   config.Unchanged    // empty is config.UnchangedSet
	PullRequest *config.PullRequest // nil: commit on the branch itself
	Message     config.Template     // of the commit's subject; without text it is Subject.Headline
	Subject     string              // of the commit that a release makes; empty where nothing is built
	Files       []File
	Hold        string         // path of the file that holds the service here, slash-separated; "" looks for none
	FormerHolds []string       // paths of such files under names that the service had before
	Neighbours  []Neighbour    // environments that may set the same values
	Checks      []config.Check // what must still render once the files have changed
}

// Neighbour is another environment of the service that sets values of the same files of the same branch.
type Neighbour struct {
	Environment string
	Holds       []string // paths of the files that hold the service there
	Files       []File   // with the edits of probes: they tell which values are theirs, too
}

// KeepsUnchanged reports whether the values of a component stay whose image is the deployed one.
func (d Deployment) KeepsUnchanged() bool { return d.Unchanged == config.UnchangedKeep }

// File is one values file and what is set in it.
type File struct {
	Path   string // slash-separated
	Create bool   // the edits may add a missing key to a map that exists
	Shared bool   // the edits may set what aliases repeat elsewhere
	Edits  []Edit
	Others []Edit // of the components that are left out, which set nothing: they tell which values are theirs, too
}

// Edit is one component's expressions, with every template executed and every value checked against its grammar.
type Edit struct {
	Component   component.Name
	Image       imageref.Reference // that the expressions set, with its tag
	Digest      digest.Digest      // of the image, sha256:<64 hex>; "" until it is known (Deployment.Pinned)
	Expressions []string           // yq expressions, in order
}
