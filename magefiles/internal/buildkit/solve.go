package buildkit

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/util/grpcerrors"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"google.golang.org/grpc/codes"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/pool"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
)

// solveRequest is a request to one daemon.
type solveRequest struct {
	platforms []string
	push      bool // to the registry; else into the layout
	log       *progress.StepLog
}

// buildPart builds an image for some of its platforms on the daemon that the pool chooses, and on another one when that dies.
func (b *builder) buildPart(ctx context.Context, j *job, r solveRequest) (ocispec.Descriptor, error) {
	for {
		m, release, err := b.pool.Acquire(ctx, j.Image, r.platforms)
		if err != nil {
			return ocispec.Descriptor{}, err
		}
		b.board.Start(j.track)
		watch := progress.NewObserver(ctx, b.board, j.track, r.log, b.redact)
		desc, err := b.traceSolve(ctx, m, j, r, func(ctx context.Context) (ocispec.Descriptor, error) {
			return b.solveOn(ctx, m, j, r, watch.Observe)
		})
		watch.Close()
		release()
		if err == nil || ctx.Err() != nil || !isDaemonLost(err) {
			return desc, err
		}
		if b.pool.Drain(m, err) {
			b.board.Notify(j.track, fmt.Sprintf("lost the BuildKit daemon at %s; what it was building is built by another", m.Address))
		}
		b.board.Restart(j.track, watch.Seen)
	}
}

// isDaemonLost reports whether a daemon went away, as against a build that failed: what a build says has a source.
func isDaemonLost(err error) bool {
	return grpcerrors.Code(err) == codes.Unavailable && len(errdefs.Sources(err)) == 0
}

// solveOn has a daemon build, and returns the root of what it made, or errExisting.
func (b *builder) solveOn(ctx context.Context, m *pool.Member, j *job, r solveRequest,
	observe func(*client.SolveStatus),
) (ocispec.Descriptor, error) {
	// A session that was not opened shows here, as the frontend's options cannot fail.
	if err := b.served[m.Connection].Open(b.servedDirectories(j.Image)); err != nil {
		return ocispec.Descriptor{}, err
	}
	q := &frontendQuery{builder: b, job: j, platforms: r.platforms, contexts: b.served[m.Connection]}
	opt := client.SolveOpt{
		FrontendAttrs: q.identityFrontend().Attrs(ctx, j.Image, r.platforms), // BuildKit takes from them what it attests
		Session:       j.sessionAttachables(b.keys),
		Exports:       []client.ExportEntry{b.exporter.exportEntry(j.Image, r)},
		CacheImports:  b.caches.importEntries(j.Image, r.platforms),
		CacheExports:  b.caches.exportEntries(j.Image, r.platforms),
		SourcePolicy:  identity.Pins(b.opts.Fingerprints[j.Component].Bases),
	}
	messages := newStatusPump(observe)
	solved := make(chan solveOutcome, 1)
	go func() {
		response, err := m.Client.Build(ctx, opt, "", q.runGateway, messages.in)
		solved <- solveOutcome{response, err}
	}()
	o, err := awaitOutcome(ctx, solved)
	messages.stop(err == nil)
	if err := errors.Join(err, o.err); err != nil {
		return ocispec.Descriptor{}, q.explainError(ctx, err)
	}
	desc, err := rootDescriptor(o.response.ExporterResponse)
	if err == nil {
		err = b.verifyBuilt(ctx, q, desc, r.push)
	}
	if err == nil {
		j.addAnswer(q.answer)
	}
	return desc, err
}

// rootDescriptor finds the image's root in the exporter's answer.
func rootDescriptor(response map[string]string) (desc ocispec.Descriptor, err error) {
	data, err := base64.StdEncoding.DecodeString(response[exptypes.ExporterImageDescriptorKey])
	if err == nil {
		err = json.Unmarshal(data, &desc)
	}
	if err != nil {
		return desc, fmt.Errorf("decoding BuildKit's image descriptor: %w", err)
	}
	desc.Annotations = nil // of the export, not of the image
	return desc, nil
}
