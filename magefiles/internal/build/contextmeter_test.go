package build

import (
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// Whatever directory a component is built from is told of: its context, a named one, and those of what it needs.
func TestEveryLargeDirectoryIsToldOf(t *testing.T) {
	large := &contextSize{folder: folder{files: manyFiles + 1}}
	b := &builder{plan: plan.Plan{Commit: source.Commit{Root: "/repository"}}}
	lib := plan.Image{Component: "lib", Context: "lib", Contexts: map[string]string{"assets": "assets", "up": "docker-image://docker.io/acme/up:1"}}
	b.plan.Images = []plan.Image{
		{Component: "core", Context: ".", Contexts: map[string]string{"same": "."}},
		{Component: "batch", Context: ".", Needs: []plan.Image{lib}},
		{Component: "web", Context: "web", Contexts: map[string]string{"assets": "assets"}},
	}
	m := newMeter()
	for _, dir := range []string{".", "lib", "assets", "elsewhere"} {
		m.note(b.dir(dir), large)
	}
	told := map[string][]string{}
	for _, w := range m.warnings(b) {
		told[w.Message] = w.Components
	}
	for dir, components := range map[string][]string{".": {"core", "batch"}, "lib": {"batch"}, "assets": {"batch", "web"}} {
		if got := told[large.warning(dir).Message]; !slices.Equal(got, components) {
			t.Errorf("of %q %v are told, want %v", dir, got, components)
		}
	}
	if len(told) != 3 {
		t.Errorf("told %v", told)
	}
}
