package report_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

func TestPlural(t *testing.T) {
	for n, want := range map[int]string{0: "0 images", 1: "1 image", 2: "2 images"} {
		if got := report.Plural(n, "image"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
