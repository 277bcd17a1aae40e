package prebuilt_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
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
)

const planted = "#!/bin/sh\necho PLANTED\n"

// TestAttackReleasedTargets answers with something else than was released: it is refused, and not compiled in its place.
func TestAttackReleasedTargets(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(serve(pack(planted)))
	t.Cleanup(other.Close)
	for name, answer := range map[string]http.HandlerFunc{
		"another program":     serve(pack(planted)),
		"not packed":          serve(program),
		"a page to log in":    serve("<html>Log in</html>"),
		"nothing":             serve(""),
		"a part":              serve(pack(program)[:30]),
		"a part of it packed": serve(pack(program[:100])),
		"with more behind it": serve(pack(program + "echo PLANTED\n")),
		"two in one":          serve(pack(program) + pack(planted)),
		"redirect":            http.RedirectHandler(other.URL, http.StatusFound).ServeHTTP,
		"a bomb":              serve(pack(strings.Repeat("\x00", 10<<20))),
		"without end": func(w http.ResponseWriter, _ *http.Request) {
			for { // until the client has had enough
				if _, err := io.WriteString(w, planted); err != nil {
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.answers(answer)
			m.refuses(3, "differs from the released file; not running it", m.sums.Programs[0].SHA256, "ASTRAGO_PREBUILT=off")
			if got := m.run("-fetch"); got.code != 3 || got.stdout != "" {
				t.Errorf("-fetch: %+v", got)
			}
		})
	}
}

// TestAttackSums reads a file of sums that was changed: by git for Windows, by an accident, by an attacker.
func TestAttackSums(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(text string) string
		works  bool
	}{
		"lines of Windows":     {func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }, true},
		"a cut sum":            {func(text string) string { return strings.Replace(text, program64(program).SHA256, "abc", 1) }, false},
		"no size":              {func(text string) string { return strings.Replace(text, " 5", " -5", 1) }, false},
		"a command":            {func(text string) string { return strings.Replace(text, "releases.invalid", "$(touch planted)", 1) }, false},
		"an option":            {func(text string) string { return strings.Replace(text, "https://", "-oplanted", 1) }, false},
		"in the clear":         {func(text string) string { return strings.Replace(text, "https://", "http://", 1) }, false},
		"a user":               {func(text string) string { return strings.Replace(text, "https://", "https://me@", 1) }, false},
		"a file of the system": {func(text string) string { return strings.Replace(text, "https://", "file:///", 1) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.record(test.change(m.sums.String()))
			if test.works {
				m.runs(1)
				return
			}
			m.refuses(2, "scripts/targets.sum is damaged")
			if _, err := os.Stat(filepath.Join(m.dir, "planted")); err == nil || len(m.asked()) != 0 {
				t.Errorf("%d requests, %v", len(m.asked()), err)
			}
		})
	}
}

// TestAttackSumOfABranch changes the sum alone, which the name of the content leaves out: the program of that branch is not another's.
func TestAttackSumOfABranch(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	changed := m.sums
	text := planted + strings.Repeat("#\n", 100)
	changed.Programs = []prebuilt.Program{program64(text)}
	m.record(changed.String())
	m.answers(serve(pack(text)))
	if got := m.run("version"); got.stdout != "PLANTED\n" {
		t.Fatalf("%+v", got)
	}
	m.record(m.sums.String())
	m.answers(serve(pack(program)))
	m.runs(1)
}

// TestAttackAddress sets ASTRAGO_TARGETS_URL to what is none, or holds a secret that other users would see.
func TestAttackAddress(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for address, want := range map[string]string{
		"-oplanted":                      "is no address",
		"ftp://mirror.example.com":       "is no address",
		"https://":                       "is no address",
		"mirror":                         "is no address",
		"https://mirror\nexample.com":    "a blank or a control character",
		"https://mirror.example.com/a b": "a blank or a control character",
		"https://me:hidden@mirror":       "~/.netrc",
		"http://hidden@127.0.0.1/x":      "~/.netrc",
	} {
		m.env = []string{"ASTRAGO_TARGETS_URL=" + address}
		m.refuses(2, want)
		if got := m.run("version"); strings.Contains(got.stderr, "hidden") {
			t.Errorf("%s shows: %s", address, got.stderr)
		}
	}
}

// TestAttackTokensOfTheRelease go to no server of targets; what a host gets is in ~/.netrc, and no other host gets it.
func TestAttackTokensOfTheRelease(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"curl", "wget"} {
		t.Run(program, func(t *testing.T) {
			m := newMachine(t, program, "sha256sum")
			m.env = append(m.env, "GITHUB_TOKEN=secret", "GHCR_TOKEN=secret", "DEPLOY_TOKEN=secret", "CI_TOKEN=secret")
			m.runs(1)
			if got := m.asked()[0].Header; got.Get("Authorization") != "" || strings.Contains(strings.Join(got.Values("Cookie"), ""), "secret") {
				t.Errorf("it sends %v", got)
			}
			m.cache = t.TempDir()
			m.must(m.write(filepath.Join(m.cache, ".netrc"), "machine 127.0.0.1 login me password secret\n"))
			var mu sync.Mutex
			var elsewhere []string
			kept := m.answer
			other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				elsewhere = append(elsewhere, r.Header.Get("Authorization"))
				mu.Unlock()
				kept(w, r)
			}))
			t.Cleanup(other.Close)
			m.answers(func(w http.ResponseWriter, r *http.Request) {
				if _, _, ok := r.BasicAuth(); !ok {
					w.Header().Set("WWW-Authenticate", `Basic realm="mirror"`)
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				http.Redirect(w, r, strings.Replace(other.URL, "127.0.0.1", "localhost", 1), http.StatusFound)
			})
			got := m.run("version")
			mu.Lock()
			defer mu.Unlock()
			if got.stdout != "RELEASED version\n" || len(elsewhere) != 1 || elsewhere[0] != "" {
				t.Errorf("the other host gets %q, %+v", elsewhere, got)
			}
		})
	}
}

// TestEntryFetchesThroughAProxy of the environment.
func TestEntryFetchesThroughAProxy(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.env = []string{"ASTRAGO_TARGETS_URL=http://mirror.invalid/ci", "http_proxy=" + m.server.URL}
	m.runs(1)
	if got := m.asked()[0]; got.URL.Host != "mirror.invalid" {
		t.Errorf("the proxy is asked for %s", got.URL)
	}
}

// TestTwoStartsFetchOnce: the second waits for the first.
func TestTwoStartsFetchOnce(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	asked, let := make(chan struct{}), make(chan struct{})
	m.answers(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-let
		serve(pack(program))(w, r)
	})
	var group sync.WaitGroup
	outputs := make([]bytes.Buffer, 2)
	start := func(i int, stderr io.Writer) {
		cmd := m.command("version")
		cmd.Stdout, cmd.Stderr = &outputs[i], stderr
		m.must(cmd.Start())
		group.Go(func() { _ = cmd.Wait() })
	}
	start(0, io.Discard)
	<-asked
	said, waits := io.Pipe()
	start(1, waits)
	line := make([]byte, 200)
	n, err := said.Read(line)
	m.must(err)
	if !strings.Contains(string(line[:n]), "waiting for another") {
		t.Errorf("the second says %q", line[:n])
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	close(let)
	group.Wait()
	if outputs[0].String() != "RELEASED version\n" || outputs[1].String() != "RELEASED version\n" || len(m.asked()) != 1 {
		t.Errorf("%d requests, %q and %q", len(m.asked()), &outputs[0], &outputs[1])
	}
}

// TestEntryWithoutRoom says that the cache is full, or cannot be written to, rather than that something is wrong with the release.
func TestEntryWithoutRoom(t *testing.T) {
	t.Parallel()
	t.Run("full", func(t *testing.T) {
		for _, file := range []string{"new.gz", "new.out"} {
			m := newMachine(t)
			m.runs(1)
			dir := strings.TrimSpace(m.run("-where").stdout)
			m.must(os.RemoveAll(dir))
			m.must(os.MkdirAll(dir, 0o755))
			m.must(os.Symlink("/dev/full", filepath.Join(dir, file)))
			m.refuses(2, "cannot be written to", "XDG_CACHE_HOME")
		}
	})
	t.Run("not a directory", func(t *testing.T) {
		m := newMachine(t)
		m.must(m.write(filepath.Join(m.cache, "astrago-ci", "targets"), ""))
		m.refuses(2, "cannot be written to", "XDG_CACHE_HOME")
	})
}

// TestAttackKeptTargets overwrites what was fetched: it is fetched again.
func TestAttackKeptTargets(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.runs(1)
	binary := filepath.Join(strings.TrimSpace(m.run("-where").stdout), "targets")
	m.must(os.WriteFile(binary, []byte(planted), 0o755))
	m.runs(2)
	m.must(os.Remove(binary + ".sum"))
	m.runs(3)
}

// TestAttackMaskOfFiles: a shell that gives everyone every right, as in many containers, keeps nothing that another user may write, and is not
// refused for what it has kept; one that gives none is left so for the targets.
func TestAttackMaskOfFiles(t *testing.T) {
	t.Parallel()
	for _, mask := range []string{"0000", "0002", "0077"} {
		m := newMachine(t)
		m.sums.Programs[0] = program64("#!/bin/sh\numask\n" + strings.Repeat("#\n", 100))
		m.record(m.sums.String())
		m.answers(serve(pack("#!/bin/sh\numask\n" + strings.Repeat("#\n", 100))))
		for range 2 {
			cmd := m.command()
			cmd.Args = []string{"sh", "-c", `umask "$1" && exec "$2"`, "sh", mask, cmd.Path}
			cmd.Path = filepath.Join(m.path, "sh")
			if out, err := cmd.Output(); err != nil || string(out) != mask+"\n" {
				t.Errorf("with %s it prints %q, %v", mask, out, err)
			}
		}
		m.must(filepath.WalkDir(filepath.Join(m.cache, "astrago-ci"), func(path string, d fs.DirEntry, err error) error {
			if info, infoErr := d.Info(); err != nil || infoErr != nil || info.Mode().Perm()&0o022 != 0 {
				t.Errorf("with %s others may write to %s: %v %v", mask, path, info.Mode(), errors.Join(err, infoErr))
			}
			return nil
		}))
	}
}

// TestEntryByBusyBox has nothing but BusyBox and git, as a small image has.
func TestEntryByBusyBox(t *testing.T) {
	t.Parallel()
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("no busybox here")
	}
	list, err := exec.CommandContext(t.Context(), busybox, "--list").Output()
	applets := strings.Fields(string(list))
	if err != nil || !slices.Contains(applets, "wget") || !slices.Contains(applets, "ash") {
		t.Skipf("a busybox without wget and ash, %v", err)
	}
	m := newMachine(t)
	entries, err := os.ReadDir(m.path)
	m.must(err)
	for _, entry := range entries {
		if entry.Name() != "git" {
			m.must(os.Remove(filepath.Join(m.path, entry.Name())))
		}
	}
	for _, applet := range applets {
		m.must(os.Symlink(busybox, filepath.Join(m.path, applet)))
	}
	start := func() result {
		var stdout, stderr bytes.Buffer
		cmd := m.command("ash", filepath.Join(m.dir, "ci", "scripts", "mage"), "version")
		cmd.Path, cmd.Args = busybox, append([]string{"busybox"}, cmd.Args[1:]...)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
	}
	for range 2 {
		if got := start(); got.stdout != "RELEASED version\n" || len(m.asked()) != 1 {
			t.Errorf("%d requests, %+v", len(m.asked()), got)
		}
	}
	m.cache = t.TempDir()
	m.answers(serve(pack(planted)))
	if got := start(); got.code != 3 || !strings.Contains(got.stderr, "differs from the released file") {
		t.Errorf("%+v", got)
	}
}
