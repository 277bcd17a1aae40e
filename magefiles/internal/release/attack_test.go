package release

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// run is a session whose report names one image, as `mage push` leaves it.
func run(t *testing.T, o Options, environ ...string) (s *session, stdout *bytes.Buffer, outputs string) {
	t.Helper()
	stdout, outputs = &bytes.Buffer{}, filepath.Join(t.TempDir(), "output")
	environ = append(environ, "GITHUB_OUTPUT="+outputs)
	_, s = newSession(context.Background(), report.CommandPush, Process{Environ: environ, Stdout: stdout, Stderr: io.Discard}, o)
	s.report.Outcome = report.Done
	s.report.Images = []report.Image{{Component: "core", Ref: "ghcr.io/acme/x:core-stage-79d9c5d7", Digest: "sha256:" + strings.Repeat("ab", 32)}}
	return s, stdout, outputs
}

func publish(t *testing.T, s *session, outputs string) (string, error) {
	t.Helper()
	result := func() error { return s.print(func(w io.Writer) error { return report.Lines(w, s.report) }) }
	if s.options.JSON {
		result = s.printReport
	}
	if err := result(); err != nil {
		return "", err
	}
	err := s.writeOutputs()
	data, _ := os.ReadFile(outputs) // missing where nothing was written
	return string(data), err
}

// A variable whose name looks like a secret's does not change what programs read: the next job would deploy another name.
func TestAttackGuessedSecretInMachineOutput(t *testing.T) {
	for name, o := range map[string]Options{"lines": {}, "json": {JSON: true}} {
		t.Run(name, func(t *testing.T) {
			s, stdout, outputs := run(t, o, "PRODUCTION_SECRET=core-stage")
			file, err := publish(t, s, outputs)
			if err != nil {
				t.Fatal(err)
			}
			for place, text := range map[string]string{"standard output": stdout.String(), "GITHUB_OUTPUT": file} {
				if !strings.Contains(text, "core-stage-79d9c5d7") || strings.Contains(text, "***") {
					t.Errorf("%s: %s", place, text)
				}
			}
			if got := s.redact.String("core-stage"); got != "***" {
				t.Errorf("people see %q", got)
			}
		})
	}
}

// What would hold a secret fails, and writes nothing.
func TestAttackSecretInMachineOutput(t *testing.T) {
	for name, o := range map[string]Options{"lines": {}, "json": {JSON: true}} {
		t.Run(name, func(t *testing.T) {
			s, stdout, outputs := run(t, o, "DEPLOY_TOKEN=core-stage-79d9")
			file, err := publish(t, s, outputs)
			if err == nil || !strings.Contains(err.Error(), "would hold the value of a secret") {
				t.Errorf("error %v", err)
			}
			if stdout.Len() > 0 || file != "" {
				t.Errorf("written: %q, %q", stdout, file)
			}
		})
	}
}
