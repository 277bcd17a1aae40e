package contract

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract/pinned"
)

//go:embed emulate.mjs
var emulateScript string

// emulateOwner owns every repository of emulate.
const emulateOwner = "octocat"

// emulateTokens is the number of tokens that a writer may choose from: each has emulate's quota of 5000 requests an hour.
const emulateTokens = 64

// Emulate is a GitHub that others wrote: contents and Git Data with real object ids and GitHub's refusals, in memory.
// It knows no GraphQL, answers one request at a time, and its merge of pull requests is none.
type Emulate struct {
	URL    string   // what GITHUB_API_URL is set to
	Tokens []string // with all permissions on every repository; give each writer its own

	client *gogithub.Client
	next   atomic.Int64 // number of the next repository
}

// emulate is started for the first test of a binary that asks, and ends with the binary.
var emulate = sync.OnceValues(startEmulate)

// StartEmulate returns the emulate of this test binary; Emulate.CreateRepository keeps tests apart. Where it was not
// fetched, or does not run, the test is skipped, under CI=true it fails.
func StartEmulate(t testing.TB) *Emulate {
	t.Helper()
	switch {
	case !pinned.EmulateRuns():
		missing(t, "emulate runs on Linux, amd64 and arm64, only")
	case !userStore(t).HasEmulate():
		missing(t, "emulate is not in the cache: "+fetchHint)
	}
	e, err := emulate()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func startEmulate() (*Emulate, error) {
	store, err := pinned.User()
	if err != nil {
		return nil, err
	}
	e := &Emulate{}
	for i := range emulateTokens {
		e.Tokens = append(e.Tokens, fmt.Sprintf("emulate-token-%02d", i))
	}
	if e.URL, err = serveEmulate(store, append([]string{adminToken}, e.Tokens...)); err != nil {
		return nil, fmt.Errorf("starting emulate: %w", err)
	}
	e.client = gogithub.NewClient(nil).WithAuthToken(adminToken)
	if e.client.BaseURL, err = url.Parse(e.URL + "/"); err != nil {
		return nil, fmt.Errorf("reading emulate's address: %w", err)
	}
	return e, nil
}

// serveEmulate starts the process and gives its address.
func serveEmulate(store pinned.Store, tokens []string) (address string, err error) {
	// It outlives the test that starts it, and with it t.Context.
	cmd := exec.CommandContext(context.Background(), store.Node(), "--input-type=module", "--eval", emulateScript)
	cmd.Dir = store.Emulate() // where Node looks for the package
	cmd.Env = []string{"NO_COLOR=1"}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	if err := json.NewEncoder(stdin).Encode(emulateSeed(tokens)); err != nil { // one line
		return "", fmt.Errorf("writing its seed: %w", err)
	}
	output := bufio.NewReader(stdout)
	line, err := output.ReadString('\n')
	if err != nil {
		_ = stdin.Close()
		_ = cmd.Wait()
		return "", fmt.Errorf("it ended early:\n%s", stderr.String())
	}
	go func() { // a full pipe would stop it
		_, _ = io.Copy(io.Discard, output)
		_ = cmd.Wait()
	}()
	port, err := portOf(line)
	return "http://127.0.0.1:" + port, err
}

// portOf takes the port out of an address that names the host as emulate likes to.
func portOf(line string) (string, error) {
	u, err := url.Parse(string(bytes.TrimSpace([]byte(line))))
	if err != nil || u.Port() == "" {
		return "", fmt.Errorf("reading its address: %q is none", line)
	}
	return u.Port(), nil
}

func emulateSeed(tokens []string) map[string]any {
	seeded := map[string]any{}
	for _, token := range tokens {
		seeded[token] = map[string]any{"login": emulateOwner, "scopes": []string{"repo", "user"}}
	}
	users := []map[string]string{{"login": emulateOwner, "name": "The Octocat", "email": "octocat@example.com"}}
	return map[string]any{"tokens": seeded, "github": map[string]any{"users": users}}
}
