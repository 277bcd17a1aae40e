package rest_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/rest"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

// succeeded holds the operations that tests have been answered with a success, and with it against GitHub's description.
var succeeded sync.Map

func remember(f *githubtest.Fixture) {
	for _, r := range f.Server.Requests() {
		if r.Status/100 == 2 || r.Status == http.StatusFound { // where an archive is
			succeeded.Store(r.Operation, true)
		}
	}
}

// TestMain fails a complete run that leaves an operation out: what is served without a test is not known to be like GitHub.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 && isComplete() {
		for _, route := range rest.Routes() {
			if _, ok := succeeded.Load(route.Operation()); !ok {
				fmt.Fprintf(os.Stderr, "no test was answered with a success by %s\n", route.Operation())
				code = 1
			}
		}
	}
	os.Exit(code)
}

// isComplete reports whether all tests were to run.
func isComplete() bool {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return true
}
