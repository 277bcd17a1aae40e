package targets_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestRollbackRefusesAMovedTag finds another image under the tag of the state before than the one that ran there.
func TestRollbackRefusesAMovedTag(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	first := a.next("first")
	ran := a.digestOf("frontend")
	second := a.next("second")
	evil, err := registry.Image(map[string][]byte{"/evil": []byte("evil")})
	a.must(err)
	moved, err := registry.Push(t.Context(), a.registry.Addr()+"/acme/frontend:"+stageTag(first), evil, "dev", a.registryToken)
	a.must(err)
	words := []string{
		"the tag names another image than the one that was deployed", ran, digestIn(moved), "go further back: mage rollback -env=stage -steps=2",
	}
	for _, args := range [][]string{{"-dryRun"}, {"-reason=login fails"}, {"-to=" + stageTag(first)}} {
		a.refuse(3, words, append([]string{"rollback", "-env=stage"}, args...)...)
	}
	a.wantTags(example.ValuesPath, stageTag(second))
}
