package contract

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract/pinned"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// descriptions are loaded once per test binary.
var descriptions = sync.OnceValues(loadDescriptions)

type both struct {
	rest  *description
	graph *schema
}

func loadDescriptions() (both, error) {
	store, err := pinned.User()
	if err != nil {
		return both{}, err
	}
	rest, err := loadDescription(store.OpenAPI())
	if err != nil {
		return both{}, err
	}
	graph, err := loadSchema(store.GraphQL())
	return both{rest, graph}, err
}

// Check returns a function that holds every exchange which it is shown against GitHub's descriptions, and fails the test
// on a difference. It is made for github.Options.Check and may be called from several goroutines. Where the descriptions
// are missing nothing is checked, and the test says so; under CI=true it fails.
func Check(t testing.TB) func(*http.Request, github.Answer) {
	t.Helper()
	if store := userStore(t); !store.HasDescriptions() && !inCI() {
		t.Log("GitHub's descriptions are not in the cache, nothing is held against them: " + fetchHint)
		return nil
	}
	Require(t)
	d, err := descriptions()
	if err != nil {
		t.Fatal(err)
	}
	return func(request *http.Request, answer github.Answer) {
		if err := d.check(request, answer); err != nil {
			t.Errorf("contract: %s %s answered %d\n%v", request.Method, request.URL.RequestURI(), answer.Status, err)
		}
	}
}

// exchange is a request with its body, and the answer to it.
type exchange struct {
	request *http.Request
	sent    []byte
	github.Answer
}

// check returns what differs.
func (d both) check(request *http.Request, answer github.Answer) error {
	sent, err := io.ReadAll(request.Body)
	if err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	x := exchange{request, sent, answer}
	if request.URL.Path == "/graphql" {
		return d.graph.exchange(x)
	}
	return d.rest.exchange(x)
}
