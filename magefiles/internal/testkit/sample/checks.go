package sample

import (
	"errors"
	"strings"
	"testing"
	"unicode"
)

// WantHarmless checks that nothing in the output acts on a terminal.
func WantHarmless(t *testing.T, name, out string) {
	t.Helper()
	for _, r := range out {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\b' || unicode.Is(unicode.Bidi_Control, r) {
			t.Errorf("%s: control character %U in %q", name, r, out)
			return
		}
	}
}

// WantNoCommands checks that the runner reads only astrago-ci's own commands in the output.
func WantNoCommands(t *testing.T, out string) {
	t.Helper()
	for line := range strings.Lines(out) {
		if strings.Contains(line, "##[") && !strings.HasPrefix(line, "::") {
			t.Errorf("a command of the old form: %q", line)
		}
		if trimmed := strings.TrimLeft(line, " \t"); strings.HasPrefix(trimmed, "::") {
			name, _, _ := strings.Cut(strings.TrimPrefix(trimmed, "::"), "::")
			switch name, _, _ = strings.Cut(name, " "); name {
			case "group", "endgroup", "warning":
			case "error":
				if !strings.HasPrefix(trimmed, "::error line=1,col=1,") && !strings.HasPrefix(trimmed, "::error title=") {
					t.Errorf("an annotation that is not ours: %q", line)
				}
			default:
				t.Errorf("a command that is not ours: %q", line)
			}
		}
	}
}

// WantFences checks that markup of others stands in code blocks only.
func WantFences(t *testing.T, markdown string) {
	t.Helper()
	fence := ""
	for line := range strings.Lines(markdown) {
		line = strings.TrimSuffix(line, "\n")
		ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3:
			fence = ticks
		case fence != "" && line == fence:
			fence = ""
		case fence == "" && strings.Contains(line, "<script>"):
			t.Errorf("markup of others outside a code block: %q", line)
		}
	}
	if fence != "" {
		t.Error("a code block stays open")
	}
}

// BrokenWriter is a stream whose reader has gone.
type BrokenWriter struct{}

// ErrBroken is the error of a BrokenWriter.
var ErrBroken = errors.New("broken pipe")

func (BrokenWriter) Write([]byte) (int, error) { return 0, ErrBroken }
