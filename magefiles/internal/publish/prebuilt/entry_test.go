package prebuilt_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/publish/prebuilt"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// program stands in for the released targets: it says that it runs, and with what.
var program = "#!/bin/sh\necho RELEASED \"$@\"\n" + strings.Repeat("# as large as it is packed\n", 20)

// machine is an application whose ci/ records the sum of the program, on a machine without Go, and the server of the release.
type machine struct {
	testing.TB
	dir    string // of the application
	cache  string
	path   string
	env    []string
	sums   prebuilt.Sums
	server *httptest.Server

	mu       sync.Mutex
	answer   http.HandlerFunc
	requests []*http.Request
}

// newMachine has the programs that every system has, and some more.
func newMachine(t *testing.T, more ...string) *machine {
	t.Helper()
	m := &machine{TB: t, dir: filepath.Join(t.TempDir(), "my app"), cache: t.TempDir()}
	m.path = m.programs(more...)
	m.answer = serve(pack(program))
	m.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		m.requests = append(m.requests, r.Clone(t.Context()))
		answer := m.answer
		m.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(m.server.Close)
	m.env = []string{"ASTRAGO_TARGETS_URL=" + m.server.URL}

	library := filepath.Join(t.TempDir(), "astrago-ci")
	for _, name := range []string{"go.mod", "VERSION", "scripts/mage", "magefiles/targets/targets.go", "templates/generic/magefiles/magefile.go"} {
		data, err := os.ReadFile(filepath.Join("..", "..", "..", "..", name))
		m.must(errors.Join(err, m.write(filepath.Join(library, name), string(data))))
	}
	m.git(library, "init", "-q")
	m.must(example.Commit(t.Context(), library, "the entry"))
	m.must(os.MkdirAll(m.dir, 0o755))
	m.git(m.dir, "init", "-q")
	m.git(m.dir, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library, "ci")
	m.sums = prebuilt.Sums{Content: strings.TrimSpace(m.run("-content").stdout), From: "https://releases.invalid/download", Programs: []prebuilt.Program{program64(program)}}
	m.record(m.sums.String())
	return m
}

func program64(text string) prebuilt.Program {
	sum := sha256.Sum256([]byte(text))
	return prebuilt.Program{Platform: "linux-amd64", SHA256: hex.EncodeToString(sum[:]), Size: int64(len(text))}
}

func pack(text string) string {
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	_, _ = gz.Write([]byte(text))
	_ = gz.Close()
	return b.String()
}

func serve(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(content)) }
}

func (m *machine) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

func (m *machine) write(path, text string) error {
	return errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o755))
}

func (m *machine) git(dir string, args ...string) {
	m.Helper()
	m.must(example.Git(m.Context(), dir, args...))
}

// record writes the file of sums.
func (m *machine) record(text string) {
	m.Helper()
	m.must(m.write(filepath.Join(m.dir, "ci", prebuilt.SumsPath), text))
}

// answers lets the server answer otherwise from now on.
func (m *machine) answers(h http.HandlerFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answer, m.requests = h, nil
}

func (m *machine) asked() []*http.Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.requests)
}

// programs is a PATH with what the script needs, and what it chooses between.
func (m *machine) programs(more ...string) string {
	m.Helper()
	dir := m.TempDir()
	if len(more) == 0 {
		more = []string{"curl", "sha256sum"}
	}
	names := append(slices.Clone(more), "sh", "awk", "cat", "chmod", "cut", "dirname", "find", "flock", "git", "grep", "gzip", "head",
		"mkdir", "mv", "printf", "readlink", "rm", "sed", "sleep", "sort", "tail", "touch", "uname", "wc")
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err == nil {
			err = os.Symlink(path, filepath.Join(dir, name))
		}
		m.must(err)
	}
	return dir
}

type result struct {
	stdout, stderr string
	code           int
}

func (m *machine) run(args ...string) result {
	m.Helper()
	cmd := m.command(args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		m.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

func (m *machine) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(m.Context(), filepath.Join(m.dir, "ci", "scripts", "mage"), args...)
	cmd.Dir = m.dir
	cmd.Env = append([]string{"PATH=" + m.path, "HOME=" + m.cache, "XDG_CACHE_HOME=" + m.cache}, m.env...)
	return cmd
}

// runs holds that the program ran, and how often it was asked for.
func (m *machine) runs(requests int) {
	m.Helper()
	if got := m.run("version"); got.code != 0 || got.stdout != "RELEASED version\n" || len(m.asked()) != requests {
		m.Errorf("%d requests, %+v", len(m.asked()), got)
	}
}

// refuses holds that nothing was run, and that nothing is left to run.
func (m *machine) refuses(code int, words ...string) {
	m.Helper()
	got := m.run("version")
	if got.code != code || got.stdout != "" {
		m.Errorf("%+v", got)
	}
	for _, word := range words {
		if !strings.Contains(got.stderr, word) {
			m.Errorf("it does not say %q:\n%s", word, got.stderr)
		}
	}
	left, err := filepath.Glob(filepath.Join(m.cache, "astrago-ci", "targets", "*", "*"))
	if err != nil || len(left) > 0 {
		m.Errorf("it leaves %q, %v", left, err)
	}
}

// TestEntryFetchesTheReleasedTargets by whatever the machine has, once, and without network from then on.
func TestEntryFetchesTheReleasedTargets(t *testing.T) {
	t.Parallel()
	for name, programs := range map[string][]string{
		"curl": {"curl", "sha256sum"}, "wget": {"wget", "sha256sum"}, "shasum": {"curl", "shasum", "perl"}, "openssl": {"curl", "openssl"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t, programs...)
			first := m.run("-where").stdout
			m.runs(1)
			m.runs(1)
			if got := m.asked()[0].URL.Path; !strings.HasPrefix(got, "/v") || !strings.HasSuffix(got, "/targets-linux-amd64.gz") {
				t.Errorf("it asks for %s", got)
			}
			if where := m.run("-where").stdout; where == first || where != m.run("-fetch").stdout {
				t.Errorf("the targets are in %q, and -fetch says %q", where, m.run("-fetch").stdout)
			}
			m.server.Close()
			if got := m.run("-l"); got.stdout != "RELEASED -l\n" || got.stderr != "" {
				t.Errorf("without network: %+v", got)
			}
		})
	}
}

// TestEntryFetchesFromADirectory that was carried to a machine without network.
func TestEntryFetchesFromADirectory(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	version, err := os.ReadFile(filepath.Join(m.dir, "ci", "VERSION"))
	m.must(err)
	stick := filepath.Join(t.TempDir(), "on a stick")
	m.must(m.write(filepath.Join(stick, "v"+strings.TrimSpace(string(version)), "targets-linux-amd64.gz"), pack(program)))
	for _, address := range []string{stick, stick + "/", "file://" + stick} {
		m.cache, m.env = t.TempDir(), []string{"ASTRAGO_TARGETS_URL=" + address}
		m.runs(0)
	}
	m.cache, m.env = t.TempDir(), []string{"ASTRAGO_TARGETS_URL=" + t.TempDir()}
	m.refuses(2, "cannot fetch the released targets", "Go is missing")
}

// TestEntryFetchesOnlyWhatIsReleased: any other content is compiled, and no server is asked.
func TestEntryFetchesOnlyWhatIsReleased(t *testing.T) {
	t.Parallel()
	template := func(m *machine) string {
		data, err := os.ReadFile(filepath.Join(m.dir, "ci", "templates", "generic", "magefiles", "magefile.go"))
		m.must(err)
		return string(data)
	}
	for name, test := range map[string]struct {
		change func(m *machine) map[string]string // files of the application
		fetch  bool
	}{
		"the template": {func(m *machine) map[string]string {
			return map[string]string{"magefiles/magefile.go": template(m), "go.work": "go 1.26.8\n\nuse ./ci\n"}
		}, true},
		"beside a module": {func(m *machine) map[string]string {
			return map[string]string{"go.mod": "module x\n", "magefiles/go.mod": "// Apart.\nmodule x/magefiles\n\ngo 1.26.8\n", "magefiles/go.work": "go 1.26.8\n\nuse (\n\t.\n\t../ci\n)\n", "magefiles/magefile.go": template(m)}
		}, true},
		"no magefiles, a module": {func(*machine) map[string]string { return map[string]string{"go.mod": "module x\n"} }, true},
		"a comment in it": {func(m *machine) map[string]string {
			return map[string]string{"magefiles/magefile.go": template(m) + "// Own.\n"}
		}, false},
		"a file beside it": {func(m *machine) map[string]string {
			return map[string]string{"magefiles/magefile.go": template(m), "magefiles/own.go": "package main\n"}
		}, false},
		"a directory beside it": {func(m *machine) map[string]string {
			return map[string]string{"magefiles/magefile.go": template(m), "magefiles/own/own.go": "package own\n"}
		}, false},
		"in a module": {func(m *machine) map[string]string {
			return map[string]string{"magefiles/magefile.go": template(m), "go.mod": "module x\n"}
		}, false},
		"vendored": {func(m *machine) map[string]string {
			return map[string]string{"magefiles/magefile.go": template(m), "go.work": "use ./ci\n", "vendor/modules.txt": "## workspace\n"}
		}, false},
		"uses another": {func(m *machine) map[string]string {
			return map[string]string{"magefiles/magefile.go": template(m), "go.work": "use ./ci\nuse ./lib\n", "lib/go.mod": "module github.com/moby/buildkit\n"}
		}, false},
		"replaces one": {func(m *machine) map[string]string {
			return map[string]string{"magefiles/magefile.go": template(m), "go.work": "use ./ci\nreplace github.com/moby/buildkit => example.com/x v1.0.0\n"}
		}, false},
		"replaces in a block": {func(m *machine) map[string]string {
			return map[string]string{"magefiles/magefile.go": template(m), "go.work": "use ./ci\nreplace (\n\tgithub.com/moby/buildkit => ./lib\n)\n"}
		}, false},
		"requires one": {func(m *machine) map[string]string {
			return map[string]string{"magefiles/magefile.go": template(m), "magefiles/go.mod": "module x\nrequire github.com/moby/buildkit v0.99.0\n", "magefiles/go.work": "use .\nuse ../ci\n"}
		}, false},
		"other settings": {func(m *machine) map[string]string {
			return map[string]string{"magefiles/magefile.go": template(m), "go.work": "use ./ci\ngodebug tlsrsakex=1\n"}
		}, false},
		"changed ci": {func(*machine) map[string]string {
			return map[string]string{"ci/magefiles/targets/own.go": "package targets\n"}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			for name, text := range test.change(m) {
				m.must(m.write(filepath.Join(m.dir, name), text))
			}
			if test.fetch {
				m.runs(1)
				return
			}
			m.refuses(2, "Go is missing")
			if got := m.run("-fetch"); len(m.asked()) != 0 || got.code != 0 || got.stdout != "" {
				t.Errorf("%d requests, %+v", len(m.asked()), got)
			}
		})
	}
}

// TestEntryCompilesWhereNothingAnswers says what it could not reach, and what to do on a machine without Go.
func TestEntryCompilesWhereNothingAnswers(t *testing.T) {
	t.Parallel()
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(pack(program))[:20])
	}
	for name, test := range map[string]struct {
		answer   http.HandlerFunc
		requests int
	}{
		"not found": {http.NotFound, 1}, "cut": {cut, 3},
		"forbidden": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, 1},
		"a file of this machine": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.answers(test.answer)
			m.refuses(2, "cannot fetch the released targets", "Go is missing", "ASTRAGO_TARGETS_URL", m.server.URL, "go.dev/dl")
			if got := len(m.asked()); got != test.requests {
				t.Errorf("%d requests", got)
			}
		})
	}
	t.Run("cut once", func(t *testing.T) {
		m := newMachine(t)
		m.answers(func(w http.ResponseWriter, r *http.Request) {
			if len(m.asked()) == 1 {
				cut(w, r)
				return
			}
			serve(pack(program))(w, r)
		})
		m.runs(2)
	})
	t.Run("nothing to fetch with", func(t *testing.T) {
		m := newMachine(t, "sha256sum")
		m.refuses(2, "neither curl nor wget is installed", "Go is missing")
	})
	t.Run("nothing to verify with", func(t *testing.T) {
		m := newMachine(t, "curl")
		m.refuses(2, "sha256sum, shasum and openssl are missing", "Go is missing")
	})
	t.Run("not wanted", func(t *testing.T) {
		m := newMachine(t)
		m.env = append(m.env, "ASTRAGO_PREBUILT=off")
		m.refuses(2, "Go is missing")
		if len(m.asked()) != 0 {
			t.Error("it was asked for")
		}
		m.env = append(m.env, "ASTRAGO_PREBUILT=no")
		m.refuses(2, "ASTRAGO_PREBUILT is on or off, not no")
	})
}
