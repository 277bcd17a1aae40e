package contract_test

import (
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"
)

const (
	internal = "github.com/xiilab/astrago-ci/magefiles/internal/"
	openapi  = "github.com/getkin/kin-openapi/"
	graphql  = "github.com/vektah/gqlparser/"
)

// What checks GitHub's descriptions stays with the tests: neither the demo nor application repositories compile it.
func TestCheckersAreLinkedByTestsOnly(t *testing.T) {
	for pkg, forbidden := range map[string][]string{
		internal + "testkit/githubd":         {openapi},
		internal + "testkit/contract/pinned": {openapi, graphql},
		internal + "demo":                    {openapi},
		internal + "project":                 {openapi},
		internal + "../targets":              {openapi, graphql},
	} {
		linked := dependencies(t, path.Clean(pkg))
		for _, prefix := range forbidden {
			if name := first(linked, prefix); name != "" {
				t.Errorf("%s links %s", path.Clean(pkg), name)
			}
		}
	}
	// The search finds what is there.
	linked := dependencies(t, internal+"testkit/contract")
	for _, prefix := range []string{openapi, graphql} {
		if first(linked, prefix) == "" {
			t.Errorf("the checker does not link %s", prefix)
		}
	}
}

func first(packages []string, prefix string) string {
	for _, p := range packages {
		if strings.HasPrefix(p, prefix) {
			return p
		}
	}
	return ""
}

func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", pkg)
	list.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("listing what %s links: %v", pkg, err)
	}
	return strings.Fields(string(out))
}
