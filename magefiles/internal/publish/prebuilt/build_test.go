package prebuilt_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/publish/prebuilt"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// sources copies this repository, as it is in the working tree, into a git repository of its own.
func sources(t *testing.T, dir string) {
	t.Helper()
	root := filepath.Join("..", "..", "..", "..")
	listed, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "-co", "--exclude-standard").Output()
	must(t, err)
	for name := range strings.Lines(string(listed)) {
		name = strings.TrimSuffix(name, "\n")
		data, err := os.ReadFile(filepath.Join(root, name))
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted, not yet committed
		}
		info, statErr := os.Stat(filepath.Join(root, name))
		target := filepath.Join(dir, name)
		must(t, errors.Join(err, statErr, os.MkdirAll(filepath.Dir(target), 0o755), os.WriteFile(target, data, info.Mode())))
	}
	must(t, example.Git(t.Context(), dir, "init", "-q"))
	must(t, example.Commit(t.Context(), dir, "a release"))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestReleasedTargetsAreTheCompiledOnes builds in one directory what scripts/mage compiles in another, byte for byte, so that all
// tests of the targets are tests of what is released; then a machine without Go fetches it.
func TestReleasedTargetsAreTheCompiledOnes(t *testing.T) {
	t.Parallel()
	library, app := filepath.Join(t.TempDir(), "library"), filepath.Join(t.TempDir(), "an application")
	sources(t, library)
	platform := runtime.GOOS + "-" + runtime.GOARCH
	set, err := prebuilt.Build(t.Context(), prebuilt.Options{
		Sources: library, Dir: filepath.Join(t.TempDir(), "v"+astragoci.Version()), From: "https://github.com/xiilab/astrago-ci/releases/download",
		GoVersion: astragoci.GoVersion(), Platforms: []string{platform}, Level: gzip.BestSpeed, Say: t.Logf,
	})
	must(t, err)
	if left, err := exec.CommandContext(t.Context(), "git", "-C", library, "status", "--porcelain", "--ignored").Output(); err != nil || len(left) > 0 {
		t.Errorf("it leaves %s, %v", left, err)
	}
	if again, err := prebuilt.Open(set.Dir); err != nil || again.String() != set.String() {
		t.Errorf("what it left is %+v, %v", again, err)
	}

	must(t, os.MkdirAll(app, 0o755))
	must(t, example.Git(t.Context(), app, "init", "-q"))
	must(t, example.Git(t.Context(), app, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library, "ci"))
	cache := t.TempDir()
	run := func(environ []string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), filepath.Join(app, "ci", "scripts", "mage"), args...)
		cmd.Dir = app
		cmd.Env = append(os.Environ(), append(environ, "XDG_CACHE_HOME="+cache)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("mage %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	goCache := []string{"GOCACHE=" + goEnv(t, "GOCACHE"), "GOMODCACHE=" + goEnv(t, "GOMODCACHE")}
	run(goCache, "version")
	compiled, err := os.ReadFile(filepath.Join(strings.TrimSpace(run(nil, "-where")), "targets"))
	must(t, err)
	if sum := sha256.Sum256(compiled); hex.EncodeToString(sum[:]) != set.Programs[0].SHA256 {
		t.Error("scripts/mage compiles other bytes than a release has")
	}

	server := httptest.NewServer(http.FileServer(http.Dir(filepath.Dir(set.Dir))))
	t.Cleanup(server.Close)
	must(t, os.WriteFile(filepath.Join(app, "ci", prebuilt.SumsPath), []byte(set.String()), 0o644))
	want := run(nil, "-l")
	cache = t.TempDir()
	m := machine{TB: t}
	alone := []string{"PATH=" + m.programs(), "ASTRAGO_TARGETS_URL=" + server.URL}
	if got := run(alone, "-l"); !strings.HasSuffix(got, want) || !strings.Contains(got, "fetching the targets") {
		t.Errorf("the fetched targets are\n%s", got)
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	must(t, err)
	return strings.TrimSpace(string(out))
}

// TestOpenTakesNothingElse than what was compiled.
func TestOpenTakesNothingElse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := program64(program)
	sums := prebuilt.Sums{Content: strings.Repeat("a", 40), From: "https://github.com/o/r/releases/download", Programs: []prebuilt.Program{p}}
	m := machine{TB: t}
	must(t, m.write(filepath.Join(dir, "targets.sum"), sums.String()))
	for text, works := range map[string]bool{"": false, pack(program): true, pack(planted): false, pack(program)[:30]: false, program: false} {
		if text != "" {
			must(t, m.write(filepath.Join(dir, p.AssetName()), text))
		}
		if set, err := prebuilt.Open(dir); (err == nil) != works {
			t.Errorf("%.20q: %+v, %v", text, set, err)
		}
		_ = os.Remove(filepath.Join(dir, p.AssetName()))
	}
}

// TestSumsAreRead as they are written, and nothing else is.
func TestSumsAreRead(t *testing.T) {
	t.Parallel()
	want := prebuilt.Sums{Content: strings.Repeat("a", 40), From: "https://github.com/o/r/releases/download"}
	for _, platform := range prebuilt.Platforms() {
		want.Programs = append(want.Programs, prebuilt.Program{Platform: platform, SHA256: strings.Repeat("0f", 32), Size: 7})
	}
	got, err := prebuilt.Parse(want.String())
	if err != nil || got.String() != want.String() {
		t.Errorf("%+v, %v", got, err)
	}
	for _, from := range []string{"content a", "from http://x", "linux-amd64 0f 7", "linux-amd64 " + strings.Repeat("0f", 32) + " 0", "more"} {
		if _, err := prebuilt.Parse(want.String() + from + "\n"); err == nil {
			t.Errorf("%q is read", from)
		}
	}
	if _, err := prebuilt.Parse("# nothing\n"); err == nil {
		t.Error("a file of nothing is read")
	}
}
