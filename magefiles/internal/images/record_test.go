package images

import (
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// TestRecordsAreOfTheCommit, and of what `prepare` made it from where the image does not say that itself.
func TestRecordsAreOfTheCommit(t *testing.T) {
	commit, image := git.Commit{SHA: "a1b2c3d4"}, plan.Image{Component: "core"}
	own := inputs.CommitKey(commit, "core")
	for name, test := range map[string]struct {
		prepareKey, prepared string
		want                 []string
	}{
		"nothing is prepared":       {"", "", []string{own}},
		"prepared from the same":    {"p1", "p1", []string{own}},
		"built for another commit":  {"p1", "p0", []string{own, "p1"}},
		"it does not say from what": {"p1", "", []string{own, "p1"}},
	} {
		var keys []string
		for _, record := range recordsOf(commit, image, test.prepareKey, test.prepared) {
			key := record.Annotations[plan.RecordAnnotation]
			keys = append(keys, key)
			if record.Tag != plan.PrepareKeyTag(key) {
				t.Errorf("%s: %q is recorded under %q", name, key, record.Tag)
			}
		}
		if !slices.Equal(keys, test.want) {
			t.Errorf("%s: %q, want %q", name, keys, test.want)
		}
	}
}
