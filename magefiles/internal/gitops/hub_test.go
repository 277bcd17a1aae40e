package gitops_test

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/fakeclock"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// call is a request of a bump by what it does, whatever the backend sends for it.
type call int

const (
	anyCall   call = iota // every request
	headCall              // the one that reads where the branch is
	writeCall             // the one that changes the branch
)

// Operations of the REST backend, as the in-process GitHub names them.
const (
	repositoryOperation = "GET /repos/{owner}/{repo}"
	rawOperation        = "GET /repos/{owner}/{repo}/contents/{path}"
	refOperation        = "GET /repos/{owner}/{repo}/git/ref/{ref}"
	historyOperation    = "GET /repos/{owner}/{repo}/commits"
	treeOperation       = "GET /repos/{owner}/{repo}/git/trees/{sha}"
	newBlobOperation    = "POST /repos/{owner}/{repo}/git/blobs"
	newTreeOperation    = "POST /repos/{owner}/{repo}/git/trees"
	newCommitOperation  = "POST /repos/{owner}/{repo}/git/commits"
	moveOperation       = "PATCH /repos/{owner}/{repo}/git/refs/{ref}"
)

// operationOf is the name of a call in the log of the in-process GitHub.
func operationOf(api config.API, c call) string {
	return map[config.API]map[call]string{
		config.APIGraphQL: {headCall: readOperation, writeCall: commitOperation},
		config.APIREST:    {headCall: refOperation, writeCall: moveOperation},
	}[api][c]
}

// hub is a GitHub with one deployment repository, whoever made it, and the interface that is used on it.
type hub interface {
	api() config.API
	repository() string
	newClient(options ...func(*gitops.Options)) *gitops.Client

	push(files map[string]string) string // commits as somebody else, giving the commit's id; "" deletes
	pushAs(message string, files map[string]string) string
	head() commitid.ID          // of the branch
	content(path string) string // at the head
	commits() int               // on the branch
	message(commit commitid.ID) string

	on(c call, nth int, action github.Action) // what goes wrong with the nth call of its kind from now on, 0 with each
	count(c call) int
}

// scene is a hub with a client, as a scenario sees it.
type scene struct {
	*testing.T
	hub
	clock  *fakeclock.Clock
	client *gitops.Client
}

// release is a bump for the hub's repository.
func (s *scene) release(sha string, components ...string) bump.Bump {
	b := release(sha, components...)
	b.Deployment.Repository = s.repository()
	return b
}

// bump must succeed.
func (s *scene) bump(b bump.Bump) *bump.Result {
	s.Helper()
	result, err := s.client.Bump(s.Context(), b)
	if err != nil {
		s.Fatalf("Bump: %v", err)
	}
	return result
}

// read must succeed.
func (s *scene) read(d plan.Deployment) *repo.Snapshot {
	s.Helper()
	snapshot, err := s.client.Repo.Read(s.Context(), d)
	if err != nil {
		s.Fatalf("Read: %v", err)
	}
	return snapshot
}

// with replaces the client by one with other options.
func (s *scene) with(options ...func(*gitops.Options)) { s.client = s.newClient(options...) }

// wantCalls checks how often the head was read and the branch was to be changed.
func (s *scene) wantCalls(reads, writes int) {
	s.Helper()
	if r, w := s.count(headCall), s.count(writeCall); r != reads || w != writes {
		s.Errorf("%d reads and %d writes, want %d and %d", r, w, reads, writes)
	}
}

func (s *scene) wantContent(path, want string) {
	s.Helper()
	if got := s.content(path); got != want {
		s.Errorf("%s is\n%q\nwant\n%q", path, got, want)
	}
}

// The in-process GitHub as a hub.

type ours struct{ *world }

func (o ours) api() config.API    { return o.backend }
func (o ours) repository() string { return repository }

func (o ours) push(files map[string]string) string {
	o.Helper()
	return o.pushAll(files)
}

func (o ours) pushAs(message string, files map[string]string) string {
	o.Helper()
	sha, err := o.Commit(context.WithoutCancel(o.Context()), repository, branch, message, bytesOf(files))
	if err != nil {
		o.Fatal(err)
	}
	return sha
}

func (o ours) message(commit commitid.ID) string {
	return o.git("log", "-1", "--format=%B", string(commit))
}

func (o ours) on(c call, nth int, action github.Action) {
	o.Intercept(nthOf(operationOf(o.backend, c), nth, action))
}

func (o ours) count(c call) int { return o.Count(operationOf(o.backend, c)) }

// nthOf is github.On, where an empty operation is every one.
func nthOf(operation string, nth int, action github.Action) github.Interceptor {
	if operation != "" {
		return github.On(operation, nth, action)
	}
	seen := 0
	return func(github.Exchange) *github.Action {
		if seen++; nth != 0 && seen != nth {
			return nil
		}
		return &action
	}
}

func newOurs(t *testing.T, api config.API, files map[string]string) *scene {
	t.Helper()
	w := newWorld(t, bytesOf(files), func(o *gitops.Options) { o.API = api })
	return &scene{T: t, hub: ours{w}, clock: w.clock, client: w.client}
}

func bytesOf(files map[string]string) map[string][]byte {
	if files == nil {
		return nil
	}
	converted := make(map[string][]byte, len(files))
	for path, content := range files {
		converted[path] = []byte(content)
	}
	return converted
}

// delay is the duration of slow answers.
const delay = 100 * time.Millisecond

// withTransport is an option that shows every answer before the client has it.
func withTransport(see func(*http.Response)) func(*gitops.Options) {
	return func(o *gitops.Options) { o.Transport = seeing{see} }
}

type seeing struct{ see func(*http.Response) }

func (t seeing) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err == nil {
		t.see(res)
	}
	return res, err
}

// restFault is an error answer of REST, graphFault one of GraphQL.
func restFault(status int, message string) github.Reply {
	body, _ := json.Marshal(map[string]string{"message": message}) // strings never fail
	return github.Reply{Status: status, Body: string(body)}
}

func graphFault(kind, message string) github.Reply {
	body, _ := json.Marshal(map[string]any{"data": nil, "errors": []map[string]string{{"type": kind, "message": message}}})
	return github.Reply{Status: http.StatusOK, Body: string(body)}
}

// apiOf is the interface that options choose.
func apiOf(options []func(*gitops.Options)) config.API {
	var o gitops.Options
	for _, option := range options {
		option(&o)
	}
	return cmp.Or(o.API, config.APIGraphQL)
}
