package wait

import (
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/commandline"
)

// A flag that the command line to go on with leaves out is one that the run goes on without. -noWait is a flag of `release` alone, which
// shares the options of waiting.
func TestArgumentsNameEveryFlag(t *testing.T) {
	if unnamed := commandline.Unnamed(func(o Options) []string { return o.asCommand().Arguments }); !slices.Equal(unnamed, []string{"noWait"}) {
		t.Errorf("not named: %q", unnamed)
	}
}
