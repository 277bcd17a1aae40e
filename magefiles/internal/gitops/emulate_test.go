package gitops_test

import (
	"bytes"
	"context"
	"errors"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	githubapi "github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/fakeclock"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// emulated is a repository of emulate, a GitHub that others wrote. It knows no GraphQL.
type emulated struct {
	*testing.T
	*contract.Emulate
	*meddler
	name   string
	token  string
	clock  *fakeclock.Clock
	oracle *gogithub.Client // for what the tests ask
}

func newEmulated(t *testing.T, files map[string]string) *scene {
	t.Helper()
	server := contract.StartEmulate(t)
	if files == nil {
		files = map[string]string{shopFile: shopValues, "README.md": "values of every environment\n"}
	}
	name, err := server.CreateRepository(t.Context(), branch, bytesOf(files))
	if err != nil {
		t.Fatal(err)
	}
	e := &emulated{
		T: t, Emulate: server, meddler: &meddler{}, name: name, token: tokenFor(server, name), clock: fakeclock.New(time.Now()),
	}
	e.oracle = gogithub.NewClient(nil).WithAuthToken(e.token)
	if e.oracle.BaseURL, err = url.Parse(server.URL + "/"); err != nil {
		t.Fatal(err)
	}
	return &scene{T: t, hub: e, clock: e.clock, client: e.newClient()}
}

// tokenFor spreads repositories over the tokens, because emulate has a quota for each.
func tokenFor(server *contract.Emulate, repository string) string {
	h := fnv.New32()
	h.Write([]byte(repository))
	return server.Tokens[int(h.Sum32())%len(server.Tokens)]
}

func (e *emulated) api() config.API    { return config.APIREST }
func (e *emulated) repository() string { return e.name }

func (e *emulated) newClient(options ...func(*gitops.Options)) *gitops.Client {
	e.Helper()
	o := gitops.Options{Options: githubapi.Options{APIURL: e.URL, Token: e.token, Clock: e.clock, Transport: e.meddler}, API: config.APIREST}
	for _, option := range options {
		option(&o)
	}
	client, err := gitops.New(o)
	if err != nil {
		e.Fatal(err)
	}
	return client
}

func (e *emulated) push(files map[string]string) string {
	e.Helper()
	return e.pushAs("chore: render", files)
}

func (e *emulated) pushAs(message string, files map[string]string) string {
	e.Helper()
	sha, err := e.Commit(context.WithoutCancel(e.Context()), e.name, branch, message, bytesOf(files))
	if err != nil {
		e.Fatal(err)
	}
	return sha
}

func (e *emulated) head() commitid.ID {
	e.Helper()
	sha, err := e.Head(e.Context(), e.name, branch)
	if err != nil {
		e.Fatal(err)
	}
	return commitid.ID(sha)
}

func (e *emulated) content(path string) string {
	e.Helper()
	address := (&url.URL{Path: "/repos/" + e.name + "/contents/" + path}).EscapedPath() + "?ref=" + url.QueryEscape(branch)
	req, err := http.NewRequestWithContext(e.Context(), http.MethodGet, e.URL+address, http.NoBody)
	if err != nil {
		e.Fatal(err)
	}
	req.Header.Set("Accept", "application/vnd.github.raw")
	req.Header.Set("Authorization", "Bearer "+e.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		e.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		e.Fatalf("reading %q: %s, %v", path, res.Status, err)
	}
	return string(data)
}

func (e *emulated) commits() int {
	e.Helper()
	owner, name, _ := strings.Cut(e.name, "/")
	all, res, err := e.oracle.Repositories.ListCommits(e.Context(), owner, name, &gogithub.CommitsListOptions{
		SHA: branch, ListOptions: gogithub.ListOptions{PerPage: 100},
	})
	if err != nil {
		e.Fatal(err)
	}
	if res.NextPage != 0 {
		e.Fatal("more commits than a scenario makes")
	}
	return len(all)
}

func (e *emulated) message(commit commitid.ID) string {
	e.Helper()
	owner, name, _ := strings.Cut(e.name, "/")
	c, _, err := e.oracle.Git.GetCommit(e.Context(), owner, name, string(commit))
	if err != nil {
		e.Fatal(err)
	}
	return c.GetMessage()
}

// meddler does to a client's requests what the in-process GitHub's interceptors do within the server.
type meddler struct {
	mu    sync.Mutex
	hooks []github.Interceptor
	seen  map[call]int
}

func (m *meddler) on(c call, nth int, action github.Action) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hooks = append(m.hooks, nthOf(operationOf(config.APIREST, c), nth, action))
}

func (m *meddler) count(c call) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen[c]
}

// ask counts a request and gives what is to go wrong with it.
func (m *meddler) ask(req *http.Request) github.Action {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := anyCall
	switch {
	case req.Method == http.MethodGet && strings.Contains(req.URL.Path, "/git/ref/"):
		c = headCall
	case req.Method == http.MethodPatch && strings.Contains(req.URL.Path, "/git/refs/"):
		c = writeCall
	}
	if m.seen == nil {
		m.seen = map[call]int{}
	}
	m.seen[anyCall]++
	if c != anyCall {
		m.seen[c]++
	}
	exchange := github.Exchange{Operation: operationOf(config.APIREST, c)}
	for _, hook := range m.hooks {
		if action := hook(exchange); action != nil {
			return *action
		}
	}
	return github.Action{}
}

var errCut = errors.New("the connection was cut")

// RoundTrip implements http.RoundTripper.
func (m *meddler) RoundTrip(req *http.Request) (res *http.Response, err error) {
	action := m.ask(req)
	select {
	case <-time.After(action.Delay):
	case <-req.Context().Done():
		return nil, context.Cause(req.Context())
	}
	if action.Before != nil {
		action.Before()
	}
	if action.Reply == nil || action.Handle {
		if res, err = http.DefaultTransport.RoundTrip(req); err != nil {
			return nil, err
		}
	}
	if action.Reply != nil {
		if res != nil {
			res.Body.Close()
		}
		res = made(req, *action.Reply)
	}
	if action.After != nil {
		action.After()
	}
	switch action.Cut {
	case github.CutAnswer:
		res.Body.Close()
		return nil, errCut
	case github.CutBody:
		half := io.LimitReader(res.Body, 10)
		res.Body = readCloser{io.MultiReader(half, broken{}), res.Body}
	}
	return res, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// broken is the end of a connection within an answer.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func made(req *http.Request, r github.Reply) *http.Response {
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	for name, value := range r.Header {
		header.Set(name, value)
	}
	return &http.Response{
		Status: http.StatusText(r.Status), StatusCode: r.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader([]byte(r.Body))), Request: req,
	}
}
