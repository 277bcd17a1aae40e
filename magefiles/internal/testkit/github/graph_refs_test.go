package github_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

const updateRefs = `mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }`

func (f *fixture) updateRefs(updates ...map[string]any) graph {
	f.t.Helper()
	id := f.query(token, `{ repository(owner: "acme", name: "deployment") { id } }`, nil)
	return f.query(token, updateRefs, map[string]any{"input": map[string]any{
		"repositoryId": at(f.t, id.Data, "repository", "id"), "refUpdates": updates,
	}})
}

func TestUpdateRefsIsAllOrNothing(t *testing.T) {
	f := start(t)
	zero := strings.Repeat("0", 40)
	first := f.head()
	second := f.push(file, "tag: two\n")
	if g := f.updateRefs(
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
		if g := f.updateRefs(updates...); len(g.Errors) != 1 || g.Errors[0].Type != "UNPROCESSABLE" {
			t.Errorf("%s: %v", name, g.Errors)
		}
		if got := f.git("rev-parse", "a", "b/c"); got != second+"\n"+first {
			t.Fatalf("%s: the references are at %s", name, got)
		}
	}
	if g := f.updateRefs(
		map[string]any{"name": "refs/heads/a", "beforeOid": second, "afterOid": first, "force": true},
		map[string]any{"name": "refs/heads/b/c", "beforeOid": first, "afterOid": zero},
	); g.Errors != nil {
		t.Fatal(g.Errors)
	}
	if got := f.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads/a", "refs/heads/b"); got != "refs/heads/a "+first {
		t.Errorf("references %q", got)
	}
}

func TestUpdateRefsNeedsWriteAccess(t *testing.T) {
	f := start(t)
	update := map[string]any{"name": "refs/heads/a", "afterOid": f.head()}
	f.Grant(token, repo, github.Permissions{Contents: github.Read})
	if g := f.updateRefs(update); len(g.Errors) != 1 || g.Errors[0].Type != "FORBIDDEN" {
		t.Errorf("%v", g.Errors)
	}
	g := f.query(token, updateRefs, map[string]any{"input": map[string]any{"repositoryId": "R_99", "refUpdates": []any{update}}})
	if len(g.Errors) != 1 || g.Errors[0].Type != "NOT_FOUND" {
		t.Errorf("%v", g.Errors)
	}
}
