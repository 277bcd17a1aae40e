package report_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// What every target prints must not cost a target that only plans the compilation of BuildKit.
func TestImportsNoHeavyModule(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.Lines(string(out)) {
		for _, heavy := range []string{"github.com/moby/", "github.com/containerd/", "github.com/google/go-github", "net/http\n"} {
			if strings.HasPrefix(path, heavy) {
				t.Errorf("report depends on %s", path)
			}
		}
	}
}

func TestAPipeIsNoTerminal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if columns, ok := report.Terminal(w); ok || columns != 0 {
		t.Errorf("got %d columns, %v", columns, ok)
	}
}
