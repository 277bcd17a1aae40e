package config_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

const design = "testdata/valid/design.yaml"

// load returns the configuration of the design document.
func load(t *testing.T) *config.Config {
	t.Helper()
	cfg, err := config.Load(design)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestLoadOfAMissingFileSaysWhereToRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), config.FileName)
	_, err := config.Load(path)
	p := problem.As(err)
	if p == nil || p.ExitStatus() != problem.Usage || p.Place.File != path || !strings.Contains(p.Remedy, "root of the application") {
		t.Errorf("got %v", err)
	}
}

func TestLoadOfADirectoryFails(t *testing.T) {
	if _, err := config.Load(t.TempDir()); err == nil {
		t.Error("a directory was read")
	}
}

func TestParseReadsWhatEditorsOfAnySystemWrite(t *testing.T) {
	text := string(read(t, design))
	want := asJSON(t, text)
	for name, variant := range map[string]string{
		"byte order mark":  "\ufeff" + text,
		"CRLF":             strings.ReplaceAll(text, "\n", "\r\n"),
		"CR":               strings.ReplaceAll(text, "\n", "\r"),
		"all of it":        "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n"),
		"no final newline": strings.TrimSuffix(text, "\n"),
		"document end":     text + "...\n",
	} {
		if got := asJSON(t, variant); got != want {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

func asJSON(t *testing.T, text string) string {
	t.Helper()
	cfg, err := config.Parse("astrago.yaml", []byte(text))
	if err != nil {
		t.Fatalf("parsing %q: %v", text, err)
	}
	data, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestParsePlacesMistakesBehindAByteOrderMarkAndCRLF(t *testing.T) {
	text := strings.Replace(string(read(t, design)), "service:", "servce:", 1)
	_, err := config.Parse("astrago.yaml", []byte("\ufeff"+strings.ReplaceAll(text, "\n", "\r\n")))
	_, want := config.Parse("astrago.yaml", []byte(text))
	if err == nil || want == nil || err.Error() != want.Error() {
		t.Errorf("got\n%v\nwant\n%v", err, want)
	}
}

func TestParseRefusesOtherEncodings(t *testing.T) {
	for name, data := range map[string]string{
		"UTF-16": "\xff\xfev\x00e\x00",
		"Latin1": "version: 1\nservice: caf\xe9\n",
		"NUL":    "version: 1\x00\n",
	} {
		_, err := config.Parse("astrago.yaml", []byte(data))
		if p := problem.As(err); p == nil || p.Place.Line == 0 || p.ExitStatus() != problem.Usage {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestProblemsGiveEachMistakeAndOneExitCode(t *testing.T) {
	_, err := config.Parse("astrago.yaml", read(t, "testdata/errors/several.yaml"))
	list, ok := err.(yamlschema.Problems) //nolint:errorlint // the documented type of the error itself
	if !ok || len(list) != 3 || len(list.Unwrap()) != 3 {
		t.Fatalf("got %T %v", err, err)
	}
	for i, line := range []int{2, 5, 15} {
		if list[i].Place.Line != line {
			t.Errorf("problem %d is at line %d, want %d", i, list[i].Place.Line, line)
		}
	}
	if list.ExitStatus() != problem.Usage {
		t.Errorf("exit status %d", list.ExitStatus())
	}
}
