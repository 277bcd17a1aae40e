package graph_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

const updateRefsMutation = `mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }`

func updateRefs(f *githubtest.Fixture, updates ...map[string]any) githubtest.Answer {
	f.T.Helper()
	id := f.Query(token, `{ repository(owner: "acme", name: "deployment") { id } }`, nil)
	return f.Query(token, updateRefsMutation, map[string]any{"input": map[string]any{
		"repositoryId": githubtest.At(f.T, id.Data, "repository", "id"), "refUpdates": updates,
	}})
}

func TestUpdateRefsIsAllOrNothing(t *testing.T) {
	f := githubtest.Start(t)
	zero := strings.Repeat("0", 40)
	first := f.Tip()
	second := f.Push(file, "tag: two\n")
	if g := updateRefs(f,
		map[string]any{"name": "refs/heads/a", "beforeOid": zero, "afterOid": second},
		map[string]any{"name": "refs/heads/b/c", "afterOid": first},
	); g.Errors != nil {
		t.Fatal(g.Errors)
	}
	for name, updates := range map[string][]map[string]any{
		"another value":      {{"name": "refs/heads/b/c", "afterOid": second}, {"name": "refs/heads/a", "beforeOid": first, "afterOid": second}},
		"it exists":          {{"name": "refs/heads/a", "beforeOid": zero, "afterOid": second}},
		"not a fast forward": {{"name": "refs/heads/b/c", "afterOid": second}, {"name": "refs/heads/a", "afterOid": first}},
		"unknown object":     {{"name": "refs/heads/b/c", "afterOid": second}, {"name": "refs/heads/d", "afterOid": strings.Repeat("1", 40)}},
	} {
		if g := updateRefs(f, updates...); len(g.Errors) != 1 || g.Errors[0].Type != "UNPROCESSABLE" {
			t.Errorf("%s: %v", name, g.Errors)
		}
		if got := f.Git("rev-parse", "a", "b/c"); got != second+"\n"+first {
			t.Fatalf("%s: the references are at %s", name, got)
		}
	}
	if g := updateRefs(f,
		map[string]any{"name": "refs/heads/a", "beforeOid": second, "afterOid": first, "force": true},
		map[string]any{"name": "refs/heads/b/c", "beforeOid": first, "afterOid": zero},
	); g.Errors != nil {
		t.Fatal(g.Errors)
	}
	if got := f.Git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads/a", "refs/heads/b"); got != "refs/heads/a "+first {
		t.Errorf("references %q", got)
	}
}

func TestUpdateRefsNeedsWriteAccess(t *testing.T) {
	f := githubtest.Start(t)
	update := map[string]any{"name": "refs/heads/a", "afterOid": f.Tip()}
	f.Server.Grant(token, repo, github.Permissions{Contents: github.Read})
	if g := updateRefs(f, update); len(g.Errors) != 1 || g.Errors[0].Type != "FORBIDDEN" {
		t.Errorf("%v", g.Errors)
	}
	g := f.Query(token, updateRefsMutation, map[string]any{"input": map[string]any{"repositoryId": "R_99", "refUpdates": []any{update}}})
	if len(g.Errors) != 1 || g.Errors[0].Type != "NOT_FOUND" {
		t.Errorf("%v", g.Errors)
	}
}
