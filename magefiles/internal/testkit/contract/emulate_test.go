package contract_test

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract"
)

const (
	owner = "octocat"
	stage = "stabilize/1.0"
	file  = "environments/stage/values.yaml"
)

// emulated is go-github on a repository of emulate, with a token of its own.
type emulated struct {
	*testing.T
	*contract.Emulate
	client     *gogithub.Client
	repository string
	name       string
}

func onEmulate(t *testing.T) *emulated {
	t.Helper()
	e := &emulated{T: t, Emulate: contract.StartEmulate(t)}
	var err error
	e.repository, err = e.CreateRepository(t.Context(), stage, map[string][]byte{file: []byte("tag: one # 백엔드\r\n")})
	if err != nil {
		t.Fatal(err)
	}
	e.name = strings.TrimPrefix(e.repository, owner+"/")
	e.client = gogithub.NewClient(nil).WithAuthToken(e.Tokens[0])
	if e.client.BaseURL, err = url.Parse(e.URL + "/"); err != nil {
		t.Fatal(err)
	}
	return e
}

// write makes a commit on top of another that no branch has yet.
func (e *emulated) write(parent, content string) *gogithub.Commit {
	e.Helper()
	base, _, err := e.client.Git.GetCommit(e.Context(), owner, e.name, parent)
	if err != nil {
		e.Fatal(err)
	}
	tree, _, err := e.client.Git.CreateTree(e.Context(), owner, e.name, base.GetTree().GetSHA(), []*gogithub.TreeEntry{
		{Path: new(file), Mode: new("100644"), Type: new("blob"), Content: &content},
	})
	if err != nil {
		e.Fatal(err)
	}
	commit, _, err := e.client.Git.CreateCommit(e.Context(), owner, e.name, &gogithub.Commit{
		Message: new("deploy(stage): backend"), Tree: tree, Parents: []*gogithub.Commit{base},
	}, nil)
	if err != nil {
		e.Fatal(err)
	}
	return commit
}

func (e *emulated) move(sha string) error {
	_, _, err := e.client.Git.UpdateRef(e.Context(), owner, e.name, &gogithub.Reference{
		Ref: new("refs/heads/" + stage), Object: &gogithub.GitObject{SHA: &sha},
	}, false)
	return err
}

func (e *emulated) head() string {
	e.Helper()
	sha, err := e.Head(e.Context(), e.repository, stage)
	if err != nil {
		e.Fatal(err)
	}
	return sha
}

func TestEmulateServesContentsByteForByte(t *testing.T) {
	e := onEmulate(t)
	got, _, _, err := e.client.Repositories.GetContents(t.Context(), owner, e.name, file, &gogithub.RepositoryContentGetOptions{Ref: stage})
	if err != nil {
		t.Fatal(err)
	}
	if content, err := got.GetContent(); err != nil || content != "tag: one # 백엔드\r\n" {
		t.Errorf("content %q, %v", content, err)
	}
}

func TestEmulateTakesACommitAndRefusesALateOne(t *testing.T) {
	e := onEmulate(t)
	head := e.head()
	first, second := e.write(head, "tag: two\n"), e.write(head, "tag: three\n")
	if err := e.move(first.GetSHA()); err != nil {
		t.Fatal(err)
	}
	var refusal *gogithub.ErrorResponse
	if err := e.move(second.GetSHA()); !errors.As(err, &refusal) || refusal.Response.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(refusal.Message, "not a fast-forward") {
		t.Errorf("error = %v, want 422", err)
	}
	if got := e.head(); got != first.GetSHA() {
		t.Errorf("head = %s, want %s", got, first.GetSHA())
	}
}

func TestEmulateKeepsOthersChanges(t *testing.T) {
	e := onEmulate(t)
	before := e.head()
	pushed, err := e.Commit(t.Context(), e.repository, stage, "chore: render", map[string][]byte{"other": []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	if got := e.head(); got != pushed || got == before {
		t.Errorf("head = %s, want %s", got, pushed)
	}
	if _, err := e.Commit(t.Context(), e.repository, stage, "chore: tidy", map[string][]byte{"a..b": []byte("y"), "other": nil}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.File(t.Context(), e.repository, stage, "other"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a deleted file: %v", err)
	}
	for path, want := range map[string]string{"a..b": "y", file: "tag: one # 백엔드\r\n"} {
		if got, err := e.File(t.Context(), e.repository, stage, path); err != nil || string(got) != want {
			t.Errorf("%s = %q, %v", path, got, err)
		}
	}
}

func TestEmulateListensOnLoopbackOnly(t *testing.T) {
	e := contract.StartEmulate(t)
	u, err := url.Parse(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range others(t) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+":"+u.Port()+"/rate_limit", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
			t.Errorf("emulate answers at %s", address)
		}
	}
	if again := contract.StartEmulate(t); again != e {
		t.Error("a second emulate was started")
	}
	if slices.Contains(e.Tokens, "") || len(e.Tokens) == 0 {
		t.Errorf("tokens = %q", e.Tokens)
	}
}

// others are this machine's addresses beside loopback.
func others(t *testing.T) []string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for _, a := range all {
		if network, ok := a.(*net.IPNet); ok && !network.IP.IsLoopback() && network.IP.To4() != nil {
			addresses = append(addresses, network.IP.String())
		}
	}
	return addresses
}
