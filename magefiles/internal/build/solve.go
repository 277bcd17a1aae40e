package build

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// solve builds one image into the layout's store. All of its progress has reached the board and the log when it returns.
//
// Setting a layer's times to the epoch means packing it again, which BuildKit does at every export, also of an image that
// it has just exported. Therefore an image that the layout has is first built without: the digest of that, its inputs,
// tells whether there is anything to export. A new image is exported at once, and its inputs are asked for meanwhile.
func (b *builder) solve(ctx context.Context, img plan.Image, t *track, s secrets) (e Entry, err error) {
	log, err := openStepLog(filepath.Join(b.opts.Logs, img.Component+".log"))
	if err != nil {
		return Entry{}, err
	}
	defer func() {
		if cerr := log.Close(); err == nil {
			err = cerr
		}
	}()
	observe := func(status *client.SolveStatus) {
		b.redact.status(status)
		b.board.update(t, status)
		log.write(status)
	}
	e.Ref = img.Ref()
	if b.opts.NoCache || b.layout.inputs(e.Ref) == "" {
		e.Descriptor, e.Inputs, err = b.exportNew(ctx, img, s, observe)
		return e, err
	}
	if e.Inputs, err = b.identify(ctx, img, s, observe); err != nil {
		return e, err
	}
	var built bool
	if e.Descriptor, built, err = b.layout.built(ctx, e.Inputs); built || err != nil {
		return e, err
	}
	e.Descriptor, err = b.export(ctx, img, s, func(*client.SolveStatus) {})
	return e, err
}

// exportNew exports an image and asks for its inputs as soon as all steps are done: BuildKit then has their results at hand.
// Inputs that are not known cost the next build some time only.
func (b *builder) exportNew(ctx context.Context, img plan.Image, s secrets, observe func(*client.SolveStatus)) (desc ocispec.Descriptor, inputs string, err error) {
	var asked sync.WaitGroup
	var once sync.Once
	desc, err = b.export(ctx, img, s, func(status *client.SolveStatus) {
		observe(status)
		if b.opts.NoCache || !exporting(status) { // without the cache, asking would run the steps again
			return
		}
		once.Do(func() {
			asked.Go(func() {
				if digest, err := b.identify(ctx, img, s, func(*client.SolveStatus) {}); err == nil {
					inputs = digest
				}
			})
		})
	})
	asked.Wait()
	return desc, inputs, err
}

// exporting reports whether a message says that the export has begun.
func exporting(status *client.SolveStatus) bool {
	for _, v := range status.Vertexes {
		if v.Started != nil && strings.HasPrefix(v.Name, "exporting to ") {
			return true
		}
	}
	return false
}

// identify builds an image, leaves it with the daemon, and gives the digest that it has before times are rewritten.
func (b *builder) identify(ctx context.Context, img plan.Image, s secrets, observe func(*client.SolveStatus)) (string, error) {
	attrs := b.imageAttrs(img)
	attrs[string(exptypes.OptKeyStore)] = "false"
	desc, err := b.request(ctx, img, s, client.ExportEntry{Type: client.ExporterImage, Attrs: attrs}, observe)
	return desc.Digest.String() + "@" + b.epoch(), err
}

// export builds an image into the store and gives its root descriptor.
func (b *builder) export(ctx context.Context, img plan.Image, s secrets, observe func(*client.SolveStatus)) (ocispec.Descriptor, error) {
	attrs := b.imageAttrs(img)
	attrs[string(exptypes.OptKeyRewriteTimestamp)] = "true"
	attrs["tar"] = "false" // blobs go into the store one by one, and known ones not at all
	return b.request(ctx, img, s, client.ExportEntry{Type: client.ExporterOCI, Attrs: attrs, OutputStore: b.layout.Store()}, observe)
}

// request runs one solve and gives all of its messages to observe, one at a time.
func (b *builder) request(ctx context.Context, img plan.Image, s secrets, export client.ExportEntry, observe func(*client.SolveStatus)) (ocispec.Descriptor, error) {
	messages := relay(observe)
	solved := make(chan outcome, 1)
	go func() {
		response, err := b.opts.Connection.Client.Solve(ctx, nil, client.SolveOpt{
			Frontend:      "dockerfile.v0",
			FrontendAttrs: b.frontendAttrs(img),
			Session:       []session.Attachable{b.keys.attachable(), secretsprovider.FromMap(s)},
			Exports:       []client.ExportEntry{export},
		}, messages.in)
		solved <- outcome{response, err}
	}()
	o, err := await(ctx, solved)
	messages.end(err == nil)
	switch {
	case err != nil:
		return ocispec.Descriptor{}, err
	case o.err != nil:
		return ocispec.Descriptor{}, o.err
	}
	return descriptor(o.response.ExporterResponse)
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
