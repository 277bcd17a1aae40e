package registry_test

import (
	"errors"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestTheNewestAliasIsFound pushes three images of one alias, to a registry whose tags move, to one whose tags do not, and to
// one that changes its mind: what was pushed last is found, and an older one that is pushed again takes nothing back.
func TestTheNewestAliasIsFound(t *testing.T) {
	for name, immutable := range map[string][]bool{"moving": {false, false, false}, "immutable": {true, true, true}, "set free later": {true, true, false}} {
		t.Run(name, func(t *testing.T) {
			server, l := start(t, testkit.Options{}), newLibrary(t)
			client := clientFor(t, server)
			repository := server.Addr() + "/acme/backend:"
			if _, err := client.LookupNewest(t.Context(), refs.Image(repository+"key1-a")); !errors.Is(err, registry.ErrNotFound) {
				t.Errorf("before any push: %v", err)
			}
			if immutable[0] {
				server.Inject(testkit.Immutable())
			}
			var images []push.Image
			for i, tag := range []string{"one", "two", "three"} {
				image := push.Image{Ref: refs.Image(repository + tag), Descriptor: l.image(tag, l.layer(tag, 10)), Aliases: []string{"key1-a"}}
				images = append(images, image)
				if !immutable[i] {
					server.Heal()
				}
				pushed, err := client.Push(t.Context(), l.store, []push.Image{image}, nil)
				if err != nil || len(pushed[0].Notices) != 0 {
					t.Fatalf("pushing %s: %v, %+v", tag, err, pushed)
				}
				for _, older := range images[:i] {
					if _, err := client.Push(t.Context(), l.store, []push.Image{older}, nil); err != nil {
						t.Fatal(err)
					}
				}
				found, err := client.LookupNewest(t.Context(), refs.Image(repository+"key1-a"))
				if err != nil || found.Descriptor.Digest != image.Descriptor.Digest {
					t.Errorf("after %s: %s, %v, want %s", tag, found.Descriptor.Digest, err, image.Descriptor.Digest)
				}
			}
		})
	}
}
