package cli

import (
	"io"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// A reason of nothing but white space is none: a hold without one helps nobody at night.
func TestABlankReasonIsRefused(t *testing.T) {
	for _, reason := range []string{" ", "\n\t", "\u00a0"} {
		_, env := Start(t.Context(), Process{Dir: t.TempDir(), Stdout: io.Discard, Stderr: io.Discard}, Command{Name: report.CommandHold}, Flags{})
		p := problem.As((opener{env}).openEnvironment(t.Context(), reason))
		if p == nil || p.ExitStatus() != problem.Usage || !strings.Contains(p.Error(), "-reason") {
			t.Errorf("%q: %v", reason, p)
		}
	}
}
