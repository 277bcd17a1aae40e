package buildkit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/attachable"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// frontendQuery is one image that a daemon is asked for: first what it makes of the Dockerfile, and then, unless there is an image
// of the same already, the image itself.
type frontendQuery struct {
	builder   *builder
	job       *job
	platforms []string
	contexts  *attachable.Contexts

	mu       sync.Mutex
	answer   identity.Fingerprint // by what the daemon says
	existing bool                 // there is an image of the same: nothing is built
	labels   map[string]string    // that the image has beside its Dockerfile's
	failed   error                // of this side: the daemon passes on no more than its text
}

// KeyVersion is identity.Options.Version of what this package builds: how it exports an image, and BuildKit's major version.
const KeyVersion = "export 1, BuildKit v0"

// frontendTime is the time that a daemon has to read a Dockerfile and to look up the images that it names: BuildKit waits without end for a
// registry that does not answer. A frontend of its own is pulled and started first.
const (
	frontendTime      = 2 * time.Minute
	otherFrontendTime = 10 * time.Minute
)

// errExisting ends a build of which there is an image. It reaches the other side as text alone.
var errExisting = errors.New("there is an image of the same")

// runGateway plays the gateway's side of the build. It returns a result that has an image, or an error: an empty result is exported
// as an empty image.
func (q *frontendQuery) runGateway(ctx context.Context, c gateway.Client) (*gateway.Result, error) {
	result, err := q.solveFrontend(ctx, c)
	if err != nil {
		return nil, q.recordFailure(err)
	}
	if err := q.requireOwnGrants(ctx, result); err != nil {
		return nil, q.recordFailure(err)
	}
	o := identity.Options{Files: q.builder.files, Version: KeyVersion}
	answer := identity.FromResult(ctx, c, q.job.Image, result, q.contexts.Directory, o)
	found, err := q.findExisting(ctx, answer)
	if err != nil {
		return nil, q.recordFailure(err)
	}
	q.mu.Lock()
	q.answer, q.existing = answer, found
	q.mu.Unlock()
	if found {
		return nil, errExisting
	}
	if err := q.stampImage(result); err != nil {
		return nil, q.recordFailure(err)
	}
	return result, nil
}

func (q *frontendQuery) recordFailure(err error) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.failed = err
	return err
}

// solveFrontend has the frontend answer for the image and what it needs.
func (q *frontendQuery) solveFrontend(ctx context.Context, c gateway.Client) (*gateway.Result, error) {
	limit := q.builder.opts.FrontendTime
	if limit == 0 {
		limit = frontendTime
		if q.builder.opts.Fingerprints[q.job.Component].Daemon {
			limit = otherFrontendTime
		}
	}
	// Not a deadline: gRPC tells the daemon of one, whose own end of it may come first and say less.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer time.AfterFunc(limit, func() { cancel(errNoAnswer) }).Stop()
	result, err := q.identityFrontend().Solve(ctx, q.job.Image, q.platforms,
		func(ctx context.Context, r identity.Request) (*gateway.Result, error) {
			attrs := q.builder.askAttrs(r.Attrs, c.BuildOpts().Opts)
			return c.Solve(ctx, gateway.SolveRequest{Frontend: dockerfileFrontend, FrontendOpt: attrs, FrontendInputs: r.Inputs})
		})
	if errors.Is(context.Cause(ctx), errNoAnswer) {
		return nil, problem.New(problem.Failed,
			"find out which registry of its base images hangs, then "+problem.Again,
			"building component %q: BuildKit has not read its Dockerfile and looked up its base images within %s", q.job.Component, limit)
	}
	return result, err
}

var errNoAnswer = errors.New("BuildKit does not answer")

// explainError returns this side's error where a build failed because of it.
func (q *frontendQuery) explainError(ctx context.Context, err error) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return err
	case q.existing:
		return errExisting
	case problem.As(q.failed) != nil:
		return q.failed
	}
	return err
}

// identityFrontend says what the daemon is given.
func (q *frontendQuery) identityFrontend() identity.Frontend {
	return identity.Frontend{
		Files: q.builder.files, Epoch: q.builder.plan.Created,
		Session: func(dir string) string { return q.contexts.SessionID(q.builder.servedDirectory(q.job.Image, dir)) },
	}
}

// askAttrs returns the options of a request: those of the image, and what does not make another image.
func (b *builder) askAttrs(attrs, given map[string]string) map[string]string {
	attrs = maps.Clone(attrs)
	if imports, ok := given[cacheImports]; ok {
		attrs[cacheImports] = imports
	}
	if b.opts.NoCache {
		attrs["no-cache"] = "" // all stages
	}
	if namespace := b.opts.CacheNamespace; namespace != "" {
		attrs[cacheNamespace] = nestedNamespace(namespace, attrs[cacheNamespace])
	}
	return attrs
}

// cacheNamespace is the option that keeps the cache mounts of one repository from another's on a shared daemon. No key
// counts it (identity).
const cacheNamespace = "build-arg:BUILDKIT_CACHE_MOUNT_NS"

// nestedNamespace returns a namespace of a component's own inside another: a build argument that names whose cache mounts it sees may
// divide those that it has, and must not lead to another's. It has no slash.
func nestedNamespace(namespace, own string) string {
	if own == "" {
		return namespace
	}
	return namespace + "-" + digest.FromString(own).Encoded()[:16]
}

// cacheImports is the option by which BuildKit's client passes the caches on to the frontend.
const cacheImports = "cache-imports"

// findExisting reports whether there is an image of what the daemon would build. Where the check before has known the same, it has
// looked already.
func (q *frontendQuery) findExisting(ctx context.Context, answer identity.Fingerprint) (bool, error) {
	o := q.builder.opts
	known := answer.Key == "" || answer.Key == o.Fingerprints[q.job.Component].Key
	if known || o.Rebuild || o.NoCache || o.Lint || q.isPartial() {
		return false, nil
	}
	desc, found, err := q.builder.layout.FindByKey(ctx, answer.Key)
	if found {
		q.job.built.Descriptor, q.job.built.Reused, q.job.built.Fingerprint = desc, true, answer
	}
	if found || err != nil || o.Existing == nil {
		return found, err
	}
	if found, err = o.Existing(ctx, q.job.Image, answer); found {
		q.job.built.Fingerprint = answer
	}
	if err != nil {
		return false, fmt.Errorf("looking for an image of component %q that exists: %w", q.job.Component, err)
	}
	return found, nil
}

// isPartial reports whether other daemons build the image for further platforms.
func (q *frontendQuery) isPartial() bool { return len(q.platforms) < len(q.job.Platforms) }

// imageKey returns the key of the whole image. For an image in parts it is that of the check if the check's tree covers this part, and
// empty otherwise.
func (q *frontendQuery) imageKey() string {
	if !q.isPartial() {
		return q.answer.Key
	}
	if checked := q.builder.opts.Fingerprints[q.job.Component]; checked.Tree.Covers(q.answer.Tree) {
		return checked.Key
	}
	return ""
}

// stampImage puts into the image what is not part of what it is made of: the commit's labels, and the key itself.
func (q *frontendQuery) stampImage(result *gateway.Result) error {
	q.labels = identity.Stamp(q.job.Image)
	if key := q.builder.opts.PrepareKeys[q.job.Component]; key != "" { // the exporter gets the annotation
		q.labels[plan.PrepareKeyAnnotation] = key
	}
	if key := q.imageKey(); key != "" {
		q.labels[plan.KeyAnnotation] = key
		setAnnotation(result, plan.KeyAnnotation, key, len(q.platforms) > 1 || hasAttestations(q.job.Image))
	}
	return setLabels(result, q.labels)
}
