package push

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// TestTakenTagIsNeverMoved: what is there may be deployed, but not in the place of what the run has built itself.
func TestTakenTagIsNeverMoved(t *testing.T) {
	found, own := takenTag{target: &target{}}, takenTag{target: &target{Image: Image{Own: true}}}
	if got := remedyOf([]takenTag{found}); !strings.Contains(got, "mage bump") || !strings.Contains(got, "--allow-empty") {
		t.Errorf("of another commit:\n%s", got)
	}
	if got := remedyOf([]takenTag{found, own}); strings.Contains(got, "mage bump") || !strings.Contains(got, "run the same command again") {
		t.Errorf("of an own build:\n%s", got)
	}
}

func TestCommitTextIsOneShortLine(t *testing.T) {
	for revision, want := range map[string]string{
		"": "an unknown commit", "a1\nb2": "commit a1 b2", strings.Repeat("x", 100): "commit " + strings.Repeat("x", 64) + "…",
	} {
		if got := commitText(commitid.ID(revision)); got != want {
			t.Errorf("%q is %q, want %q", revision, got, want)
		}
	}
}
