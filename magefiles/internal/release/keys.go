package release

import (
	"context"
	"fmt"
	"strings"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// made is what an image is made of.
type made struct {
	identity.Fingerprint        // of the files as they are; its Key is empty until `prepare` has run, where there is one
	prepareKey           string // of what `prepare` makes them from; empty where it is not known, or nothing is prepared
	why                  string // there is no key to look for
}

// matches reports whether an image that the registry has is made of the same.
func (m made) matches(origin inspect.Origin) bool {
	return m.Key != "" && origin.Key == m.Key || m.prepareKey != "" && origin.PrepareKey == m.prepareKey
}

// isOf reports whether an image that the registry has is that of a commit: made of the same, or where nothing tells what either is
// made of, of this commit.
func (m made) isOf(origin inspect.Origin, sha string) bool {
	if origin.Key == "" && origin.PrepareKey == "" && m.Key == "" && m.prepareKey == "" {
		return origin.Revision == sha
	}
	return m.matches(origin)
}

// keys computes what images are made of, each once, from one working tree. It is safe for concurrent use.
type keys struct {
	files    func(context.Context) (*worktree.Tree, error)
	options  identity.Options // without Files
	prepare  *preparation     // nil: nothing is prepared
	mu       sync.Mutex
	known    map[string]made // by component
	prepared bool            // `prepare` has run
}

// of returns what images are made of, by component.
func (k *keys) of(ctx context.Context, images []plan.Image) (map[string]made, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var unknown []plan.Image
	for _, image := range images {
		if m, known := k.known[image.Component]; !known || m.stale(k.prepared) {
			unknown = append(unknown, image)
		}
	}
	if len(unknown) > 0 {
		if err := k.compute(ctx, unknown); err != nil {
			return nil, err
		}
	}
	all := make(map[string]made, len(images))
	for _, image := range images {
		all[image.Component] = k.known[image.Component]
	}
	return all, nil
}

// ofBuild returns the same in the two parts that a build takes.
func (k *keys) ofBuild(ctx context.Context, images []plan.Image) (map[string]identity.Fingerprint, map[string]string, error) {
	all, err := k.of(ctx, images)
	prints, prepareKeys := map[string]identity.Fingerprint{}, map[string]string{}
	for component, m := range all {
		prints[component], prepareKeys[component] = m.Fingerprint, m.prepareKey
	}
	return prints, prepareKeys, err
}

// stale tells of what was computed before `prepare` has run.
func (m made) stale(prepared bool) bool { return prepared && m.Key == "" && m.Unknown == "" }

func (k *keys) compute(ctx context.Context, images []plan.Image) error {
	options := k.options
	var err error
	if options.Files, err = k.files(ctx); err != nil {
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
		k.known = map[string]made{}
	}
	for component, fingerprint := range prints {
		m := made{Fingerprint: fingerprint, why: fingerprint.Unknown, prepareKey: k.known[component].prepareKey}
		if k.prepare != nil && !k.prepared {
			m = beforePrepare(fingerprint, sources, why)
		}
		k.known[component] = m
	}
	return nil
}

// afterPrepare has the keys computed again: of what `prepare` has made.
func (k *keys) afterPrepare() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.prepared = true
	for component, m := range k.known {
		m.Fingerprint = identity.Fingerprint{}
		k.known[component] = m
	}
}

// keysOf are those of the application's working tree.
func (s *session) keysOf() *keys {
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	if s.clients.keys == nil {
		s.clients.keys = &keys{files: s.files, options: s.identityOptions(), prepare: s.preparationOf(s.root, s.config)}
	}
	return s.clients.keys
}

// identityOptions are the same for every key of a run, and for the build.
func (s *session) identityOptions() identity.Options {
	if s.clients.bases == nil {
		s.clients.bases = &baseImages{client: registry.New(registry.Options{Keychain: s.ownKeychain()})} // not asking for the right to push
	}
	return identity.Options{Images: s.clients.bases, Epoch: s.plan.Created, Platform: ownPlatform(), Version: build.KeyVersion}
}

// baseImages resolves the images that Dockerfiles name, each once a run.
type baseImages struct {
	client *registry.Client
	mu     sync.Mutex
	known  map[string]*baseImage
}

type baseImage struct {
	once     sync.Once
	resolved identity.Resolved
	err      error
}

// ResolveImage implements identity.Resolver. What could not be resolved is asked for once, too: a registry that does not
// answer takes its time from a run only once.
func (b *baseImages) ResolveImage(ctx context.Context, name string, platform *ocispec.Platform) (identity.Resolved, error) {
	wanted := ocispec.Platform{OS: "linux"}
	if platform != nil {
		wanted = *platform
	}
	key := strings.Join([]string{name, wanted.OS, wanted.Architecture, wanted.Variant}, " ")
	b.mu.Lock()
	if b.known == nil {
		b.known = map[string]*baseImage{}
	}
	image := b.known[key]
	if image == nil {
		image = &baseImage{}
		b.known[key] = image
	}
	b.mu.Unlock()
	image.once.Do(func() {
		image.resolved.Digest, image.resolved.Config, image.err = b.client.Config(ctx, name, wanted)
	})
	if image.err != nil {
		return identity.Resolved{}, fmt.Errorf("%s", brief(image.err))
	}
	return image.resolved, nil
}
