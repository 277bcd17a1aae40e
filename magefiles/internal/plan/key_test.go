package plan_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// TestReservedTags holds that no tag of an image begins like one that moves: of keys, in this version or a later one.
func TestReservedTags(t *testing.T) {
	key := strings.Repeat("0123456789abcdef", 4)
	for tag, reserved := range map[string]bool{
		plan.KeyTag(key): true, plan.PrepareKeyTag(key): true, "key2-x": true, "keyp13-x": true, "inputs-x": true,
		"key-1": false, "keys1-x": false, "core-key1-x": false, "key1.x": false,
	} {
		text := strings.Replace(file, "image: ghcr.io/acme/backend", "image: ghcr.io/acme/backend\ntag: '"+tag+"{{ .Component }}'", 1)
		_, err := plan.New(parse(t, text), commit(), plan.Options{})
		p := problem.As(err)
		if refused := p != nil && p.ExitStatus() == problem.Usage && p.Place.Line > 0; refused != reserved {
			t.Errorf("%s: error %v, want a refusal: %v", tag, err, reserved)
		}
	}
	if tag := plan.KeyTag(key); len(tag) != len("key1-")+40 || !strings.HasPrefix(tag, "key1-0123") {
		t.Errorf("tag %s", tag)
	}
}
