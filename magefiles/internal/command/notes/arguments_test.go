package notes

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/commandline"
)

// A flag that the command line to go on with leaves out is one that the run goes on without.
func TestArgumentsNameEveryFlag(t *testing.T) {
	if unnamed := commandline.Unnamed(func(o Options) []string { return o.asCommand().Arguments }); len(unnamed) > 0 {
		t.Errorf("not named: %q", unnamed)
	}
}
