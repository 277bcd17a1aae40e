package machine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor/machine"
)

// fake puts programs on a PATH of their own.
func fake(t *testing.T, programs map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, script := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

func TestGo(t *testing.T) {
	if got := machine.Go(t.Context(), "1.26"); got.Status != doctor.OK || !strings.Contains(got.Text, "go1.") {
		t.Errorf("the real one: %+v", got)
	}
	script := func(version, toolchain string) string {
		return "case $2 in GOVERSION) echo " + version + " ;; GOTOOLCHAIN) echo " + toolchain + " ;; esac"
	}
	for name, test := range map[string]struct {
		version, toolchain string
		want               doctor.Status
		text               string
	}{
		"old and local":     {"go1.25.9", "local", doctor.Warn, "go1.25.9 is too old: the targets need 1.26.0"},
		"old and automatic": {"go1.21.3", "auto", doctor.Warn, "which Go fetches"},
		"newer":             {"go1.27rc1", "local", doctor.OK, "go1.27rc1"},
		"newest digits":     {"go1.100.0", "local", doctor.OK, "go1.100.0"},
	} {
		t.Run(name, func(t *testing.T) {
			fake(t, map[string]string{"go": script(test.version, test.toolchain)})
			got := machine.Go(t.Context(), "1.26.0")
			if got.Status != test.want || !strings.Contains(got.Text, test.text) || (got.Remedy == "") != (test.want == doctor.OK) {
				t.Errorf("%+v", got)
			}
		})
	}
	fake(t, nil)
	if got := machine.Go(t.Context(), "1.26"); got.Status != doctor.Warn || !strings.Contains(got.Remedy, "go.dev/dl") {
		t.Errorf("without Go: %+v", got)
	}
}

func TestGit(t *testing.T) {
	if got := machine.Git(t.Context()); got.Status != doctor.OK || got.Text == "" {
		t.Errorf("the real one: %+v", got)
	}
	fake(t, nil)
	if got := machine.Git(t.Context()); got.Status != doctor.Fail || !strings.Contains(got.Remedy, "install git") {
		t.Errorf("without git: %+v", got)
	}
}
