package script_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/script"
)

func TestFlagsAreGoFlags(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..")
	flags, err := script.Flags(root)
	if err != nil {
		t.Fatal(err)
	}
	for flag := range strings.FieldsSeq(flags) {
		if !strings.HasPrefix(flag, "-") || !strings.Contains(flag, "=") && flag != "-trimpath" {
			t.Errorf("go takes no flag %q from GOFLAGS", flag)
		}
	}
	if linked, err := script.LinkFlags(root); err != nil || !strings.HasPrefix(linked, "-s -w ") {
		t.Errorf("the linker gets %q, %v", linked, err)
	}
	tags, err := script.Tags(root)
	if err != nil || !strings.HasPrefix(tags, "-tags=") || !slices.Contains(strings.Fields(flags), tags) {
		t.Errorf("the tags are %q of %q, %v", tags, flags, err)
	}
}
