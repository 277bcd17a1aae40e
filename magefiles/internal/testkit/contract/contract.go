// Package contract checks the in-process GitHub, and the requests to it, against third-party references: GitHub's own OpenAPI description,
// its public GraphQL schema, and emulate, an emulator of GitHub. `mage test` fetches them (package pinned).
package contract

import (
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract/pinned"
)

// fetchHint is the remedy where the fetched parts are missing.
const fetchHint = "run ./scripts/mage test once, which fetches it"

// Require gives a test the fetched descriptions. Where they are missing the test is skipped, under CI=true it fails.
func Require(t testing.TB) pinned.Store {
	t.Helper()
	store := userStore(t)
	if !store.HasDescriptions() {
		missing(t, "GitHub's descriptions are not in the cache: "+fetchHint)
	}
	return store
}

func userStore(t testing.TB) pinned.Store {
	t.Helper()
	store, err := pinned.User()
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// missing ends a test: nothing may be skipped in CI.
func missing(t testing.TB, message string) {
	t.Helper()
	if inCI() {
		t.Fatal(message)
	}
	t.Skip(message)
}

func inCI() bool { return os.Getenv("CI") == "true" }

// Axe returns the path of axe-core's script, which a page runs to be looked at. Where it is missing the test is skipped, under
// CI=true it fails.
func Axe(t testing.TB) string {
	t.Helper()
	store := userStore(t)
	if !store.HasAxe() {
		missing(t, "axe-core is not in the cache: "+fetchHint)
	}
	return store.Axe()
}
