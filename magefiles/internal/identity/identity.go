// Package identity computes what an image is made of, as BuildKit's own frontend says it: the build graph (LLB) that the
// Dockerfile becomes, with every local directory replaced by a digest of the files that a build gets, every image by its
// digest, and the image's configuration. Images of equal keys are interchangeable, whichever commit or machine they are of.
//
// The frontend runs in this process, so that a key costs milliseconds and no daemon. What is not understood has no key:
// an image is built again rather than taken for another one.
package identity

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"sync"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// Options of Compute.
type Options struct {
	Files  *worktree.Tree
	Images Resolver
	Epoch  time.Time // SOURCE_DATE_EPOCH for Dockerfiles that declare it
	// Platform is the platform of the machine that builds, as os/arch: the value of BUILDPLATFORM.
	Platform string
	// Version is counted in every key: it names what the exporter and the daemon do that no build graph says.
	Version  string
	Deadline time.Duration // for all registries together; zero is 20 s
}

// Fingerprint identifies the inputs of one image.
type Fingerprint struct {
	Key     string                   // hexadecimal SHA-256; empty where it is not known
	Unknown string                   // why there is no key
	Daemon  bool                     // a daemon can tell the key: FromResult
	Commit  bool                     // the Dockerfile asks for the commit's time, so that each commit has a key of its own
	Bases   map[string]digest.Digest // digests of the images that the Dockerfile names, by registry/path:tag
	Tree    Tree
}

// Compute returns the fingerprints of images by component. An image that cannot be understood has one without a key; the
// error is only that of an ended context.
func Compute(ctx context.Context, images []plan.Image, o Options) (map[component.Name]Fingerprint, error) {
	lookupCtx, cancel := context.WithTimeoutCause(ctx, o.lookupDeadline(), errSlowRegistry)
	defer cancel()
	c := &keyComputer{options: o, images: newLookups(lookupCtx, o.Images), needs: newNeeds(), used: map[component.Name]*usedImages{}}
	prints := make([]Fingerprint, len(images))
	err := parallel.Each(ctx, 2*runtime.GOMAXPROCS(0), images, func(ctx context.Context, i int, image plan.Image) error {
		prints[i] = c.computeFingerprint(ctx, image)
		return context.Cause(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("computing what images are made of: %w", err)
	}
	byComponent := make(map[component.Name]Fingerprint, len(images))
	for i, image := range images {
		byComponent[image.Component] = prints[i]
	}
	return byComponent, nil
}

const registryDeadline = 20 * time.Second

func (o Options) lookupDeadline() time.Duration {
	if o.Deadline > 0 {
		return o.Deadline
	}
	return registryDeadline
}

// keyComputer holds the state that the images of one Compute share.
type keyComputer struct {
	options Options
	images  *imageLookups
	needs   *needResults

	mu   sync.Mutex
	used map[component.Name]*usedImages
}

// computeFingerprint turns every failure into a reason: what is wrong with a Dockerfile, the build tells better.
func (c *keyComputer) computeFingerprint(ctx context.Context, image plan.Image) Fingerprint {
	if len(image.Platforms) == 0 {
		return Fingerprint{Unknown: "no platform is named, so that the daemon chooses one", Daemon: true}
	}
	frontend := Frontend{Files: c.options.Files, Epoch: c.options.Epoch, Session: localSession, needs: c.needs}
	result, err := frontend.Solve(ctx, image, image.Platforms, func(ctx context.Context, r Request) (*Result, error) {
		return convertDockerfile(ctx, &localGateway{
			request: r, files: c.options.Files, images: c.usedBy(r.Component),
			platform: c.options.Platform,
		})
	})
	f := Fingerprint{}
	if err == nil {
		f.Tree, err = c.options.canonicalTree(ctx, image, result, canonicalForm{files: c.options.Files, directory: localDirectory})
	}
	if err != nil {
		f.Unknown, f.Daemon = errorFirstLine(err), needsDaemon(err)
	} else {
		f.Key = f.Tree.Key()
	}
	f.Commit, f.Bases = frontend.declaresEpoch(ctx, image), c.baseDigests(image)
	return f
}

// usedBy are the images that a component names. What several components need is asked for once.
func (c *keyComputer) usedBy(name component.Name) *usedImages {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used[name] == nil {
		c.used[name] = &usedImages{imageLookups: c.images}
	}
	return c.used[name]
}

// baseDigests are the images that an image names, and what it needs.
func (c *keyComputer) baseDigests(image plan.Image) map[string]digest.Digest {
	all := map[string]digest.Digest{}
	maps.Copy(all, c.usedBy(image.Component).allDigests())
	for _, need := range image.Needs {
		maps.Copy(all, c.baseDigests(need))
	}
	return all
}

// localSession names a directory where a build names the session that serves it.
func localSession(dir string) string { return dir }

// localDirectory is the directory of a local source.
func localDirectory(session, name string) (string, bool) {
	if name == mountDockerfile {
		return ".", true
	}
	return session, true
}

// onceByKey keeps what was computed for a key, computed by the first that asks.
type onceByKey[V any] struct {
	mu   sync.Mutex
	done map[string]*onceValue[V]
}

type onceValue[V any] struct {
	once  sync.Once
	value V
	err   error
}

func (o *onceByKey[V]) compute(key string, compute func() (V, error)) (V, error) {
	o.mu.Lock()
	if o.done == nil {
		o.done = map[string]*onceValue[V]{}
	}
	v := o.done[key]
	if v == nil {
		v = &onceValue[V]{}
		o.done[key] = v
	}
	o.mu.Unlock()
	v.once.Do(func() { v.value, v.err = compute() })
	return v.value, v.err
}
