package report_test

import (
	"os/exec"
	"strings"
	"testing"
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
