package config_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares got with the file at path, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}

// files returns the YAML files of a directory below testdata; there must be some.
func files(t *testing.T, directory string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", directory, "*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("finding test data: %d files, error %v", len(paths), err)
	}
	return paths
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestParseExplainsEveryMistake(t *testing.T) {
	for _, path := range files(t, "errors") {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		t.Run(name, func(t *testing.T) {
			cfg, err := config.Parse("astrago.yaml", read(t, path))
			if err == nil {
				t.Fatalf("no error, but %+v", cfg)
			}
			p := problem.As(err)
			if p == nil || p.ExitStatus() != problem.Usage {
				t.Fatalf("error %T has no exit code 2", err)
			}
			if p.Place.Line == 0 || p.Place.Column == 0 || p.Place.Snippet == "" {
				t.Errorf("place %+v is not complete", p.Place)
			}
			if strings.Contains(err.Error(), "secret+") || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "6789") {
				t.Errorf("the message shows a secret:\n%v", err)
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".golden", err.Error()+"\n")
		})
	}
}

func TestParseGivesTheConfig(t *testing.T) {
	for _, path := range files(t, "valid") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			cfg, err := config.Parse("astrago.yaml", read(t, path))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(cfg, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".json", string(got)+"\n")
		})
	}
}
