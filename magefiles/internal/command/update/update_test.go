package update

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/submodule"
)

// TestPrintMove names what a move brings or takes back, what is staged, and how to look at it before the commit.
func TestPrintMove(t *testing.T) {
	for name, test := range map[string]struct {
		move  submodule.Update
		words []string
	}{
		"nothing to do": {submodule.Update{Path: "ci", To: "v0.2.0", UpToDate: true}, []string{"nothing to do: ci is at v0.2.0"}},
		"a newer version": {
			submodule.Update{Path: "ci", From: "v0.1.0", To: "v0.2.0", Changes: []string{"push: count"}, Files: []string{".github/workflows/release.yml"}},
			[]string{"ci from v0.1.0 to v0.2.0, which brings:", "- push: count", "staged: ci, .github/workflows/release.yml", "./ci/scripts/mage plan"},
		},
		"an older one, elsewhere": {
			submodule.Update{Path: "tools/ci", From: "v0.2.0", To: "v0.1.0", Back: true},
			[]string{"which takes back:", "staged: tools/ci", "./tools/ci/scripts/mage plan"},
		},
	} {
		var shown bytes.Buffer
		_, env := cli.Start(t.Context(), cli.Process{Stdout: io.Discard, Stderr: &shown}, cli.Command{Name: report.CommandUpdate}, cli.Flags{})
		printMove(env, &test.move)
		for _, word := range test.words {
			if !strings.Contains(shown.String(), word) {
				t.Errorf("%s does not show %q:\n%s", name, word, shown.String())
			}
		}
	}
}
