package targets_test

import (
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// TestWhatDockerfilesNameReachesImages has what is at addresses count.
func TestWhatDockerfilesNameReachesImages(t *testing.T) {
	t.Parallel()
	var content atomic.Value
	content.Store("one")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, content.Load()) }))
	t.Cleanup(server.Close)
	later := func(s *sample) {
		content.Store("two")
		another(s)
	}
	reset := func(*sample) { content.Store("one") }
	added := func(steps, keys string) kind {
		return kind{dockerfile: "FROM BASE\n" + steps, keys: keys, out: "/out", before: reset, change: later}
	}
	repository := serveRepository(t)
	cloned := "FROM BASE\nADD " + repository.url + "#main /out\n"
	kinds(t, map[string]kind{
		"address behind a variable": added("ARG URL="+server.URL+"/f\nADD ${URL} /out\n", ""),
		"address of args":           added("ARG URL\nADD ${URL} /out\n", "args: { URL: "+server.URL+"/f }"),
		"empty checksum":            added("ARG SUM=\nADD --checksum=$SUM "+server.URL+"/f /out\n", ""),
		"address of a platform":     added("ARG TARGETARCH\nADD "+server.URL+"/$TARGETARCH /out\n", ""),
		"behind ONBUILD": {
			dockerfile: "FROM REGISTRY/acme/onbuild:add\n", out: "/on", change: later,
			before: func(s *sample) { reset(s); s.baseWith("onbuild:add", "/unused", "ADD "+server.URL+"/f /on") },
		},
		"branch of a repository": {dockerfile: cloned, out: "/out/a.txt", before: repository.hold("one"), change: func(s *sample) {
			repository.hold("two")(s)
			another(s)
		}},
		"branch that has not moved": {dockerfile: cloned, out: "/out/a.txt", before: repository.hold("one"), change: another, reused: true},
		"address that has not changed": {
			dockerfile: "FROM BASE\nADD " + server.URL + "/f /out\n", out: "/out", before: reset, change: another, reused: true,
		},
	})
}

// served is a repository of git that is reached over http.
type served struct{ dir, url string }

func serveRepository(t *testing.T) served {
	t.Helper()
	programs, err := exec.CommandContext(t.Context(), "git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	server := httptest.NewServer(&cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(programs)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_GLOBAL=" + os.DevNull},
	})
	t.Cleanup(server.Close)
	return served{dir: filepath.Join(root, "lib"), url: server.URL + "/lib/.git"}
}

// hold commits a text to it.
func (r served) hold(text string) func(*sample) {
	return func(s *sample) {
		s.t.Helper()
		lib := &sample{&application{world: s.world, dir: r.dir}}
		lib.write("a.txt", text)
		lib.gitIn("", "init", "-q", "-b", "main")
		lib.gitIn("", "add", ".")
		lib.gitIn("", "commit", "-q", "--allow-empty", "-m", text)
	}
}
