// Package push makes tags name images: the content first, then all tags together, which never move, then a look at each.
package push

import (
	"context"
	"sync"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/explain"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
)

// Pusher puts images and their tags into registries.
type Pusher struct {
	Client    *protocol.Client
	Explainer explain.Explainer
	Parallel  int // requests under way at once
}

// Image is one image to push.
type Image struct {
	Ref        imageref.Reference                 // by its tag
	Descriptor ocispec.Descriptor                 // its root: a manifest, or an index, of which all platforms are pushed
	Manifest   []byte                             // the root itself (Found.Manifest); nil: it is read
	Revision   commitid.ID                        // the source commit that it was built from, for messages
	Sources    []imageref.Repository              // that may have its layers, such as its base image's
	Same       func(inspect.Origin) (bool, error) // whether a tag that names another image, of that origin, is as good; nil: none is
	// the run has built it: a tag that names another image refuses it, also where that is as good
	Own     bool
	Records []Record // put before its tag
	// further tags for it in its repository, which no deployment names: they move to what was tagged last (LookupNewest)
	Aliases []string
}

// Pushed is one image that is in the registry under its tag.
type Pushed struct {
	Ref      imageref.Reference
	Digest   digest.Digest // of the root that the tag names, see Image.Same
	Size     int64         // bytes of all blobs of an image that was tagged by Retag, and whose manifest was not given; 0 is unknown
	Uploaded int64         // bytes sent for it; content shared with an image before it counts there
	Existed  bool          // the tag was there, nothing was sent or all of it in vain
	Duration time.Duration // from the start of the push until the tag was known to be right
	Notices  []string      // what people should know of it: aliases that could not be put, another image that is as good
}

// Push makes each image's tag name exactly its content, all of them or none.
//
// It resolves every tag first. One that is there with the same digest is done, and so is one that Image.Same accepts, unless
// the image is the run's own; any other one stops the push with problem.Refused before anything is sent, for a tag never moves.
// Then it pushes all content by digest, the same blob once per registry: other repositories mount it, where the registry lets
// them. Then it looks at the tags again and puts all that are missing, then resolves them all and compares, because a registry
// may accept a tag and lose it. Aliases come last; one of an image that was there already is put only where it is free.
//
// The provider holds the content, and is read by several goroutines. report is called with each change, one call
// at a time, and may be nil; it must not block. When the context ends, nothing more is sent or tagged, and its cause is
// returned. Other errors are a problem.Problem.
func (r Pusher) Push(ctx context.Context, provider content.Provider, images []Image, report func(Progress)) ([]Pushed, error) {
	p, u := r.newUpload(provider, report)
	p.read = func(ctx context.Context, t *target) ([]byte, error) {
		return content.ReadBlob(ctx, provider, t.Descriptor)
	}
	if err := p.addImages(images); err != nil {
		return nil, err
	}
	collect := func(ctx context.Context) error { return u.collectContents(ctx, rootsOf(p.missingTargets())) }
	return p.runSteps(ctx, p.checkTags, collect, p.readAll, u.uploadAll, p.checkPending, p.recordAll, p.tagAll, p.verifyAll, p.aliasAll)
}

// runSteps takes the steps one after another and stops at the first error or at the end of the context.
func (p *operation) runSteps(ctx context.Context, steps ...func(context.Context) error) ([]Pushed, error) {
	for _, step := range steps {
		if err := step(protocol.Quiet(ctx)); err != nil {
			return nil, err
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	return p.pushedImages(), nil
}

// operation is one Push, Retag or Copy under way.
type operation struct {
	client    *protocol.Client
	explainer explain.Explainer
	parallel  int
	started   time.Time
	targets   []*target
	read      func(context.Context, *target) ([]byte, error) // gets a target's root
	uploaded  func(*target) int64                            // bytes that were sent for it; nil: none were

	names    map[imageref.Reference]bool // references of targets and aliases
	aliases  []alias
	noticing sync.Mutex
}

func (r Pusher) newOperation() *operation {
	return &operation{client: r.Client, explainer: r.Explainer, parallel: r.Parallel, started: time.Now()}
}

// newUpload returns an operation that also sends content.
func (r Pusher) newUpload(provider content.Provider, report func(Progress)) (*operation, *uploader) {
	p := r.newOperation()
	u := &uploader{client: r.Client, explainer: r.Explainer, parallel: r.Parallel, provider: provider, meter: newMeter(report)}
	p.uploaded = u.meter.uploadedFor
	return p, u
}

// target is one image with what became of it.
type target struct {
	Image
	source  *repositorySource // another repository that has the image; nil: none, or the uploader's provider
	size    int64             // as Pushed.Size
	sources []string          // paths of repositories to mount from
	notices []string
	existed bool
	other   bool // another image that is as good has its tag, and its place here
	done    time.Duration
}

func (p *operation) addImages(images []Image) error {
	p.names = map[imageref.Reference]bool{}
	for _, image := range images {
		r := image.Ref
		if r.Tag == "" || r.Digest != "" {
			return problem.New(problem.Usage, "give it as repository:tag",
				"reading the image reference %q: a push needs a tag and no digest", r)
		}
		if p.names[r] {
			return problem.New(problem.Usage, "give each component a tag of its own: tag: in astrago.yaml",
				"pushing %q: two images have this tag", r)
		}
		p.names[r] = true
		t := &target{Image: image}
		t.addSources()
		p.targets = append(p.targets, t)
		for _, record := range t.Records { // says more of the image than an alias
			p.names[t.Ref.Tagged(record.Tag)] = true
		}
	}
	for _, t := range p.targets {
		if err := p.addAliases(t); err != nil {
			return err
		}
	}
	return nil
}

// forEach runs a step for some targets at once, as many as the client may, and stops the others at the first error. The
// scope is asked for here, so that all requests of a repository share one token.
func (p *operation) forEach(ctx context.Context, targets []*target, doing string, step func(context.Context, *target) error) error {
	return parallel.Each(ctx, p.parallel, targets, func(ctx context.Context, _ int, t *target) error {
		err := step(docker.WithScope(ctx, t.Ref.PushScope()), t)
		return p.explainer.Explain(ctx, doing, t.Ref, err)
	})
}

func (p *operation) missingTargets() []*target {
	var pending []*target
	for _, t := range p.targets {
		if !t.existed {
			pending = append(pending, t)
		}
	}
	return pending
}

func (p *operation) pushedImages() []Pushed {
	results := make([]Pushed, len(p.targets))
	for i, t := range p.targets {
		results[i] = Pushed{
			Ref: t.Ref, Digest: t.Descriptor.Digest, Size: t.size,
			Existed: t.existed, Duration: t.done, Notices: t.notices,
		}
		if p.uploaded != nil {
			results[i].Uploaded = p.uploaded(t)
		}
	}
	return results
}
