package githubtest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// What every fixture has.
const (
	Owner      = "acme"
	Name       = "deployment"
	Repository = Owner + "/" + Name
	Branch     = "stabilize/1.0"
	File       = "env/values.yaml"
	Token      = "github_pat_test" // may read and write everything
)

// Fixture is a server with one repository and one token, checked by git fsck at the end.
type Fixture struct {
	Server *github.Server
	T      testing.TB
	Dir    string
}

// Start begins a server whose clock stands still.
func Start(t testing.TB) *Fixture {
	t.Helper()
	return StartWith(t, github.Options{})
}

// StartWith is Start with some options of the test.
func StartWith(t testing.TB, o github.Options) *Fixture {
	t.Helper()
	o.Dir = t.TempDir()
	o.Now = func() time.Time { return time.Date(2025, 10, 1, 12, 0, 0, 0, time.UTC) }
	f := &Fixture{T: t}
	t.Cleanup(func() { f.Git("fsck", "--strict", "--full") }) // after the server has ended
	f.Server = Serve(t, o)
	var err error
	f.Dir, err = f.Server.CreateRepository(t.Context(), Repository, Branch, map[string][]byte{
		File: []byte("tag: one\n"), "README.md": []byte("# deployment\n"), "bin/run": []byte("#!/bin/sh\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	f.Server.Grant(Token, Repository, github.Permissions{
		Contents: github.Write, PullRequests: github.Write, Issues: github.Write, Statuses: github.Write,
		Deployments: github.Write,
	})
	return f
}

// Git runs the real git on the repository's directory.
func (f *Fixture) Git(args ...string) string {
	f.T.Helper()
	out, err := exec.CommandContext(context.WithoutCancel(f.T.Context()), "git", append([]string{"-C", f.Dir}, args...)...).CombinedOutput()
	if err != nil {
		f.T.Errorf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// Tip returns the commit that the branch is at.
func (f *Fixture) Tip() string {
	f.T.Helper()
	sha, err := f.Server.Head(Repository, Branch)
	if err != nil {
		f.T.Fatal(err)
	}
	return sha
}

// Content returns what a file has on the branch.
func (f *Fixture) Content(path string) string {
	f.T.Helper()
	data, err := f.Server.File(Repository, Branch, path)
	if err != nil {
		f.T.Fatal(err)
	}
	return string(data)
}

// Push makes a commit as another writer.
func (f *Fixture) Push(path, content string) string {
	f.T.Helper()
	sha, err := f.Server.Commit(f.T.Context(), Repository, Branch, "somebody else's change", map[string][]byte{path: []byte(content)})
	if err != nil {
		f.T.Fatal(err)
	}
	return sha
}

// Send makes a request and gives the status and body; status 0 is a broken connection.
func (f *Fixture) Send(method, path, token string, body any) (int, http.Header, string) {
	f.T.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		f.T.Fatal(err)
	}
	r, err := http.NewRequestWithContext(f.T.Context(), method, f.Server.URL()+path, bytes.NewReader(text))
	if err != nil {
		f.T.Fatal(err)
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

// Answer is the body of a GraphQL answer.
type Answer struct {
	Data   map[string]any
	Errors []struct {
		Type      string
		Path      []any
		Locations []map[string]int
		Message   string
	}
}

// Query sends a document and expects status 200.
func (f *Fixture) Query(token, document string, variables map[string]any) Answer {
	f.T.Helper()
	status, _, body := f.Send("POST", "/graphql", token, map[string]any{"query": document, "variables": variables})
	if status != http.StatusOK {
		f.T.Fatalf("status %d: %s", status, body)
	}
	var g Answer
	if err := json.Unmarshal([]byte(body), &g); err != nil {
		f.T.Fatal(err)
	}
	return g
}

// At walks into decoded JSON: object keys and list indices.
func At(t testing.TB, value any, steps ...any) any {
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
