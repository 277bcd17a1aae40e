package baseimage_test

import (
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/baseimage"
)

func TestShell(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the toolbox is a Linux binary")
	}
	binary, err := baseimage.Binary(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		line, output string
		code         int
	}{
		{"echo one   two", "one two\n", 0},
		{`echo 'a  b' "c  $NAME" $NAME '$NAME' x"y"'z'`, "a  b c  value value $NAME xyz\n", 0},
		{"echo first && exit 3 && echo never", "first\n", 3},
		{"nonsense", "sh: nonsense: not found\n", 127},
		{"cat /no/such/file", "cat: open /no/such/file: no such file or directory\n", 1},
		{"count 2", "line 1\nline 2\n", 0},
		{`echo ""`, "\n", 0},
	} {
		cmd := exec.CommandContext(t.Context(), binary, "sh", "-c", tc.line)
		cmd.Env = []string{"NAME=value"}
		output, _ := cmd.CombinedOutput()
		if string(output) != tc.output || cmd.ProcessState.ExitCode() != tc.code {
			t.Errorf("%s: %q and exit code %d, want %q and %d", tc.line, output, cmd.ProcessState.ExitCode(), tc.output, tc.code)
		}
	}
}

func TestImageIsReproducible(t *testing.T) {
	var digests []string
	for range 2 {
		binary, err := baseimage.Binary(t.Context(), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		img, err := baseimage.Image(binary)
		if err != nil {
			t.Fatal(err)
		}
		digest, err := img.Digest()
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, digest.String())
	}
	if digests[0] != digests[1] || !strings.HasPrefix(digests[0], "sha256:") {
		t.Errorf("two compilations give %v", digests)
	}
}
