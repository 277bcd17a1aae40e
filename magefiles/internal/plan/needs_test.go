package plan_test

import (
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// What several images need is there once, behind the image itself, however deep it lies.
func TestWithNeedsHasEachOnce(t *testing.T) {
	tools := plan.Image{Component: "tools"}
	base := plan.Image{Component: "base", Needs: []plan.Image{tools}}
	for _, needs := range [][]plan.Image{{base, tools}, {tools, base}, {base, base}} {
		var names []string
		for _, image := range (plan.Image{Component: "core", Needs: needs}).WithNeeds() {
			names = append(names, string(image.Component))
		}
		if names[0] != "core" {
			t.Errorf("%q does not begin with the image itself", names)
		}
		if slices.Sort(names); !slices.Equal(names, []string{"base", "core", "tools"}) {
			t.Errorf("%d needs: %q", len(needs), names)
		}
	}
}
