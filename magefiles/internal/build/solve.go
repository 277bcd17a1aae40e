package build

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

	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
)

// request is what one daemon is asked for.
type request struct {
	platforms []string
	push      bool // to the registry; else into the layout
	log       *stepLog
}

// part builds an image for some of its platforms on the daemon that the pool chooses, and on another one when that dies.
func (b *builder) part(ctx context.Context, j *job, r request) (ocispec.Descriptor, error) {
	for {
		m, release, err := b.pool.acquire(ctx, j.Image, r.platforms)
		if err != nil {
			return ocispec.Descriptor{}, err
		}
		b.board.begin(j.track)
		watch := newWatch(ctx, b.board, j.track, r.log, b.redact)
		desc, err := b.observed(ctx, m, j, r, func(ctx context.Context) (ocispec.Descriptor, error) {
			return b.solve(ctx, m, j, r, watch.observe)
		})
		watch.close()
		release()
		if err == nil || ctx.Err() != nil || !lost(err) {
			return desc, err
		}
		if b.pool.drain(m, err) {
			b.board.notice(j.track, fmt.Sprintf("lost the BuildKit daemon at %s; what it was building is built by another", m.Address))
		}
		b.board.restart(j.track, watch.seen)
	}
}

// lost reports whether a daemon went away, as against a build that failed: what a build says has a source.
func lost(err error) bool {
	return grpcerrors.Code(err) == codes.Unavailable && len(errdefs.Sources(err)) == 0
}

// solve has a daemon build, and returns the root of what it made, or errExisting.
func (b *builder) solve(ctx context.Context, m *member, j *job, r request, observe func(*client.SolveStatus)) (ocispec.Descriptor, error) {
	// A session that was not opened shows here, as the frontend's options cannot fail.
	if err := b.served[m.Connection].open(b.directories(j.Image)); err != nil {
		return ocispec.Descriptor{}, err
	}
	q := &question{builder: b, job: j, platforms: r.platforms, contexts: b.served[m.Connection]}
	opt := client.SolveOpt{
		FrontendAttrs: q.frontend().Attrs(ctx, j.Image, r.platforms), // BuildKit takes from them what it attests
		Session:       j.attachables(b.keys),
		Exports:       []client.ExportEntry{b.exporter.entry(j.Image, r)},
		CacheImports:  b.caches.imports(j.Image, r.platforms),
		CacheExports:  b.caches.exports(j.Image, r.platforms),
		SourcePolicy:  identity.Pins(b.opts.Fingerprints[j.Component].Bases),
	}
	messages := relay(observe)
	solved := make(chan outcome, 1)
	go func() {
		response, err := m.Client.Build(ctx, opt, "", q.build, messages.in)
		solved <- outcome{response, err}
	}()
	o, err := await(ctx, solved)
	messages.end(err == nil)
	if err := errors.Join(err, o.err); err != nil {
		return ocispec.Descriptor{}, q.explain(ctx, err)
	}
	desc, err := descriptor(o.response.ExporterResponse)
	if err == nil {
		err = b.verify(ctx, q, desc, r.push)
	}
	if err == nil {
		j.answered(q.answer)
	}
	return desc, err
}

// descriptor finds the image's root in the exporter's answer.
func descriptor(response map[string]string) (desc ocispec.Descriptor, err error) {
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
