package inputs

import (
	"context"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Keys computes what images are made of, each once, from one working tree. It is safe for concurrent use.
type Keys struct {
	files   *Files
	options identity.Options // without Files
	prepare *Preparation     // nil: nothing is prepared

	mu       sync.Mutex
	known    map[component.Name]Inputs
	prepared bool // `prepare` has run
}

// NewKeys returns the keys of files. The options' Files are ignored; preparation is nil where nothing is prepared.
func NewKeys(files *Files, options identity.Options, preparation *Preparation) *Keys {
	return &Keys{files: files, options: options, prepare: preparation}
}

// Of returns what images are made of, by component.
func (k *Keys) Of(ctx context.Context, images []plan.Image) (map[component.Name]Inputs, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var unknown []plan.Image
	for _, image := range images {
		if in, known := k.known[image.Component]; !known || in.isStale(k.prepared) {
			unknown = append(unknown, image)
		}
	}
	if len(unknown) > 0 {
		if err := k.compute(ctx, unknown); err != nil {
			return nil, err
		}
	}
	all := make(map[component.Name]Inputs, len(images))
	for _, image := range images {
		all[image.Component] = k.known[image.Component]
	}
	return all, nil
}

// OfBuild returns the same in the two parts that a build takes.
func (k *Keys) OfBuild(
	ctx context.Context, images []plan.Image,
) (map[component.Name]identity.Fingerprint, map[component.Name]string, error) {
	all, err := k.Of(ctx, images)
	prints, prepareKeys := map[component.Name]identity.Fingerprint{}, map[component.Name]string{}
	for component, in := range all {
		prints[component], prepareKeys[component] = in.Fingerprint, in.PrepareKey
	}
	return prints, prepareKeys, err
}

func (k *Keys) compute(ctx context.Context, images []plan.Image) error {
	options := k.options
	var err error
	if options.Files, err = k.files.Open(ctx); err != nil {
		return err
	}
	prints, err := identity.Compute(ctx, images, options)
	if err != nil {
		return err
	}
	sources, why := "", ""
	if k.prepare != nil && !k.prepared {
		if sources, why, err = k.prepare.key(ctx, options.Files); err != nil {
			return err
		}
	}
	if k.known == nil {
		k.known = map[component.Name]Inputs{}
	}
	for component, fingerprint := range prints {
		in := Inputs{Fingerprint: fingerprint, Why: fingerprint.Unknown, PrepareKey: k.known[component].PrepareKey}
		if k.prepare != nil && !k.prepared {
			in = beforePrepare(fingerprint, sources, why)
		}
		k.known[component] = in
	}
	return nil
}

// AfterPrepare has the keys computed again: of what `prepare` has made.
func (k *Keys) AfterPrepare() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.prepared = true
	for component, in := range k.known {
		in.Fingerprint = identity.Fingerprint{}
		k.known[component] = in
	}
}
