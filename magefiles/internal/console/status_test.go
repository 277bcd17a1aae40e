package console_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

func TestStatusTable(t *testing.T) {
	for name, width := range map[string]int{"narrow": 80, "wide": 160, "tiny": 50} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			console.New(&b, console.Options{Width: width}).Status(sample.Status())
			sample.Golden(t, "status-"+name+".txt", b.String())
			if strings.ContainsRune(b.String(), '\x1b') {
				t.Error("a title moves the cursor")
			}
			for line := range strings.Lines(b.String()) {
				message := strings.Contains(line, "  ! ") || strings.Contains(line, "  ? ") // is never cut
				if line = strings.TrimSuffix(line, "\n"); terminal.Columns(line) > width && !message && name != "tiny" {
					t.Errorf("%d columns: %s", terminal.Columns(line), line)
				}
			}
		})
	}
}
