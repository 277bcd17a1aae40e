package targets_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestRebuildsAreFollowed builds the same twice more, and has the next commits take what was built last: by the registry, by what
// is kept here, and where tags cannot move.
func TestRebuildsAreFollowed(t *testing.T) {
	t.Parallel()
	for name, immutable := range map[string]bool{"moving tags": false, "immutable tags": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if immutable {
				w.registry.Inject(registry.Immutable())
			}
			s := w.sample(t, "rebuilt", kind{dockerfile: "FROM BASE\nRUN write /out one\n", files: map[string]string{".dockerignore": "*\n"}})
			first, _ := s.images("release", "-force")
			digests := map[string]bool{first["app"]: true}
			for i := range 3 {
				s.write("b.txt", fmt.Sprint(i))
				s.commit("another")
				got := s.succeed("release", "-rebuild")
				if strings.Contains(got.stderr, "notice:") {
					t.Errorf("the rebuild says\n%s", got.stderr)
				}
				rebuilt, _ := s.images("release")
				digests[rebuilt["app"]] = true
				s.write("b.txt", fmt.Sprint("next ", i))
				s.commit("the next one")
				if next, states := s.images("release"); next["app"] != rebuilt["app"] || states["app"] != "retagged" {
					t.Errorf("after rebuild %d: %v, %v, want %v", i, next, states, rebuilt)
				}
			}
			if len(digests) != 4 {
				t.Errorf("the rebuilds are %v", digests)
			}
		})
	}
}

// TestRebuildsAreFollowedByBuilds takes what was built last of what is kept here, too.
func TestRebuildsAreFollowedByBuilds(t *testing.T) {
	t.Parallel()
	s := newWorld(t).sample(t, "kept", kind{dockerfile: "FROM BASE\nRUN write /out one\n", files: map[string]string{".dockerignore": "*\n"}})
	first, _ := s.images("build")
	last := first
	for i := range 2 {
		s.write("b.txt", fmt.Sprint(i))
		s.commit("another")
		last, _ = s.images("build", "-rebuild")
		if last["app"] == first["app"] {
			t.Fatal("the rebuild made the same")
		}
	}
	s.write("b.txt", "next")
	s.commit("the next one")
	if next, _ := s.images("build"); next["app"] != last["app"] {
		t.Errorf("built %v, want %v of the rebuild; the first was %v", next, last, first)
	}
	if pushed, _ := s.images("push"); pushed["app"] != last["app"] {
		t.Errorf("pushed %v, want %v", pushed, last)
	}
}
