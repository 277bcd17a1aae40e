package github_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

const (
	repo   = "acme/deployment"
	branch = "stabilize/1.0"
	file   = "env/values.yaml"
	token  = "github_pat_test"
)

// fixture is a server with one repository and one token, checked by git fsck at the end.
type fixture struct {
	*github.Server
	t   testing.TB
	dir string
}

// start begins a server whose clock stands still, and fails the test on any request that it does not know.
func start(t *testing.T) *fixture {
	t.Helper()
	return begin(t, github.Options{OnUnknown: func(r *http.Request) {
		t.Errorf("unknown request %s %s", r.Method, r.URL)
	}})
}

func begin(t testing.TB, o github.Options) *fixture {
	t.Helper()
	o.Dir = t.TempDir()
	o.Check = contract.Check(t)
	o.Now = func() time.Time { return time.Date(2025, 10, 1, 12, 0, 0, 0, time.UTC) }
	server, err := github.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{Server: server, t: t}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		f.remember()
		f.git("fsck", "--strict", "--full")
	})
	f.dir, err = server.CreateRepository(t.Context(), repo, branch, map[string][]byte{
		file: []byte("tag: one\n"), "README.md": []byte("# deployment\n"), "bin/run": []byte("#!/bin/sh\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Grant(token, repo, github.Permissions{
		Contents: github.Write, PullRequests: github.Write, Issues: github.Write, Statuses: github.Write,
		Deployments: github.Write,
	})
	return f
}

// git runs the real git on the repository's directory.
func (f *fixture) git(args ...string) string {
	f.t.Helper()
	out, err := exec.Command("git", append([]string{"-C", f.dir}, args...)...).CombinedOutput()
	if err != nil {
		f.t.Errorf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func (f *fixture) head() string {
	f.t.Helper()
	sha, err := f.Head(repo, branch)
	if err != nil {
		f.t.Fatal(err)
	}
	return sha
}

func (f *fixture) content(path string) string {
	f.t.Helper()
	data, err := f.File(repo, branch, path)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(data)
}

// pushCommit commits as somebody else would.
func (f *fixture) push(path, content string) string {
	f.t.Helper()
	sha, err := f.Commit(f.t.Context(), repo, branch, "somebody else's change", map[string][]byte{path: []byte(content)})
	if err != nil {
		f.t.Fatal(err)
	}
	return sha
}

// send makes a request and gives the status and body; status 0 is a broken connection.
func (f *fixture) send(method, path, token string, body any) (int, http.Header, string) {
	f.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		f.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(f.t.Context(), method, f.URL()+path, bytes.NewReader(text))
	if err != nil {
		f.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		return 0, nil, err.Error()
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, nil, err.Error()
	}
	return response.StatusCode, response.Header, string(answer)
}

// graph is the body of a GraphQL answer.
type graph struct {
	Data   map[string]any
	Errors []struct {
		Type      string
		Path      []any
		Locations []map[string]int
		Message   string
	}
}

// query sends a document and expects status 200.
func (f *fixture) query(token, document string, variables map[string]any) graph {
	f.t.Helper()
	status, _, body := f.send("POST", "/graphql", token, map[string]any{"query": document, "variables": variables})
	if status != http.StatusOK {
		f.t.Fatalf("status %d: %s", status, body)
	}
	var g graph
	if err := json.Unmarshal([]byte(body), &g); err != nil {
		f.t.Fatal(err)
	}
	return g
}

// at walks into decoded JSON: object keys and list indices.
func at(t testing.TB, value any, steps ...any) any {
	t.Helper()
	for _, step := range steps {
		switch s := step.(type) {
		case string:
			fields, ok := value.(map[string]any)
			if !ok {
				t.Fatalf("%v of %v: not an object", s, value)
			}
			value = fields[s]
		case int:
			list, ok := value.([]any)
			if !ok || s >= len(list) {
				t.Fatalf("%v of %v: not in a list", s, value)
			}
			value = list[s]
		}
	}
	return value
}
