package github_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

const readQuery = `query Read($owner: String!, $name: String!, $ref: String!, $path: String!) {
  viewer { login }
  rateLimit { limit remaining }
  repository(owner: $owner, name: $name) {
    nameWithOwner viewerPermission
    defaultBranchRef { name }
    ref(qualifiedName: $ref) {
      name prefix
      branchProtectionRule { pattern }
      target {
        oid __typename
        ... on Commit {
          message committedDate
          tree { oid }
          file(path: $path) { mode type oid size object { ... on Blob { oid byteSize isBinary isTruncated text } } }
          history(first: 1, path: $path) { totalCount nodes { oid messageHeadline } pageInfo { hasNextPage endCursor } }
        }
      }
    }
  }
}`

func readVariables() map[string]any {
	return map[string]any{"owner": "acme", "name": "deployment", "ref": "refs/heads/" + branch, "path": file}
}

func TestReadIsOneQuery(t *testing.T) {
	f := start(t)
	second := f.push(file, "tag: two\n")
	g := f.query(token, readQuery, readVariables())
	if g.Errors != nil {
		t.Fatal(g.Errors)
	}
	target := at(t, g.Data, "repository", "ref", "target")
	for _, want := range []struct {
		value any
		steps []any
	}{
		{second, []any{"oid"}},
		{"Commit", []any{"__typename"}},
		{"2025-10-01T12:00:00Z", []any{"committedDate"}},
		{"tag: two\n", []any{"file", "object", "text"}},
		{float64(9), []any{"file", "object", "byteSize"}},
		{float64(0o100644), []any{"file", "mode"}},
		{"blob", []any{"file", "type"}},
		{false, []any{"file", "object", "isTruncated"}},
		{float64(2), []any{"history", "totalCount"}},
		{second, []any{"history", "nodes", 0, "oid"}},
		{true, []any{"history", "pageInfo", "hasNextPage"}},
		{second + " 0", []any{"history", "pageInfo", "endCursor"}},
		{f.git("rev-parse", second+"^{tree}"), []any{"tree", "oid"}},
	} {
		if got := at(t, target, want.steps...); got != want.value {
			t.Errorf("%v = %v, want %v", want.steps, got, want.value)
		}
	}
	for path, want := range map[string]any{"viewerPermission": "WRITE", "nameWithOwner": repo} {
		if got := at(t, g.Data, "repository", path); got != want {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
	if got := f.Requests(); len(got) != 1 || got[0].Operation != "query viewer,rateLimit,repository" || got[0].Status != 200 {
		t.Errorf("log = %+v", got)
	}
}

func TestQueryOfWhatIsNotThere(t *testing.T) {
	f := start(t)
	g := f.query(token, `{repository(owner: "acme", name: "deployment") {
		ref(qualifiedName: "refs/heads/nope") { name }
		missing: object(expression: "main:nope") { oid }
		head: object(expression: "stabilize/1.0:env") { ... on Tree { entries { name type } } }
	}}`, nil)
	if g.Errors != nil || at(t, g.Data, "repository", "ref") != nil || at(t, g.Data, "repository", "missing") != nil {
		t.Errorf("absent things are not null: %+v", g)
	}
	if got := at(t, g.Data, "repository", "head", "entries", 0, "name"); got != "values.yaml" {
		t.Errorf("entry = %v", got)
	}
	g = f.query(token, `{repository(owner: "acme", name: "other") { name }}`, nil)
	if len(g.Errors) != 1 || g.Errors[0].Type != "NOT_FOUND" || g.Data["repository"] != nil ||
		g.Errors[0].Message != "Could not resolve to a Repository with the name 'acme/other'." {
		t.Errorf("answer = %+v", g)
	}
}

func TestHistoryPages(t *testing.T) {
	f := start(t)
	for _, content := range []string{"a", "b", "c"} {
		f.push(file, content)
		f.push("other", content)
	}
	var seen []string
	cursor := any(nil)
	for range 10 {
		g := f.query(token, `query($after: String) {repository(owner: "acme", name: "deployment") {
			defaultBranchRef { target { ... on Commit { history(first: 3, path: "env/values.yaml", after: $after) {
				nodes { oid } pageInfo { hasNextPage endCursor } } } } } }}`, map[string]any{"after": cursor})
		history := at(t, g.Data, "repository", "defaultBranchRef", "target", "history")
		for _, node := range at(t, history, "nodes").([]any) {
			seen = append(seen, at(t, node, "oid").(string))
		}
		cursor = at(t, history, "pageInfo", "endCursor")
		if at(t, history, "pageInfo", "hasNextPage") == false {
			break
		}
	}
	if want := f.git("log", "--format=%H", branch, "--", file); strings.Join(seen, "\n") != want {
		t.Errorf("history = %v, want %s", seen, want)
	}
	g := f.query(token, `{repository(owner: "acme", name: "deployment") { defaultBranchRef { target { ... on Commit {
		history { totalCount } } } } }}`, nil)
	if len(g.Errors) != 1 || g.Errors[0].Type != "MISSING_PAGINATION_BOUNDARIES" {
		t.Errorf("history without first: %+v", g.Errors)
	}
}

func TestBlobTextHasLimits(t *testing.T) {
	f := start(t)
	long := strings.Repeat("가", 200_000) // 600,000 bytes
	f.push("long", long)
	f.push("binary", "a\x00b")
	f.push("latin", "caf\xe9")
	read := func(path string) any {
		g := f.query(token, `query($e: String!) {repository(owner: "acme", name: "deployment") {
			object(expression: $e) { ... on Blob { isBinary isTruncated text byteSize } } }}`, map[string]any{"e": branch + ":" + path})
		return at(t, g.Data, "repository", "object")
	}
	cut := read("long")
	if text := at(t, cut, "text").(string); at(t, cut, "isTruncated") != true || len(text) > 512_000 || len(text) < 511_997 || !strings.HasPrefix(long, text) {
		t.Errorf("text of %d bytes, truncated %v", len(text), at(t, cut, "isTruncated"))
	}
	if got := read("binary"); at(t, got, "isBinary") != true || at(t, got, "text") != nil {
		t.Errorf("binary blob = %v", got)
	}
	if got := at(t, read("latin"), "text"); got != "caf\uFFFD" {
		t.Errorf("text = %q", got)
	}
}

func TestWhoMayAsk(t *testing.T) {
	f := start(t)
	f.Grant("reader", repo, github.Permissions{Contents: github.Read, Role: "ADMIN"})
	document := map[string]any{"query": `{repository(owner: "acme", name: "deployment") { viewerPermission }}`}
	if status, _, body := f.send("POST", "/graphql", "", document); status != 401 || !strings.Contains(body, "This endpoint requires you to be authenticated.") {
		t.Errorf("without token: %d %s", status, body)
	}
	if status, _, body := f.send("POST", "/api/graphql", "wrong", document); status != 401 || !strings.Contains(body, `"message":"Bad credentials"`) {
		t.Errorf("wrong token: %d %s", status, body)
	}
	if status, _, body := f.send("POST", "/api/graphql", "reader", document); status != 200 || !strings.Contains(body, `"ADMIN"`) {
		t.Errorf("reader: %d %s", status, body)
	}
	f.Revoke("reader")
	if status, _, _ := f.send("POST", "/graphql", "reader", document); status != 401 {
		t.Errorf("revoked token: %d", status)
	}
}

func TestUnknownRequestsAreToldOf(t *testing.T) {
	var told []string
	f := begin(t, github.Options{OnUnknown: func(r *http.Request) { told = append(told, r.Method+" "+r.URL.Path) }})
	if status, _, _ := f.send("GET", "/repos/acme/deployment/stargazers", token, nil); status != http.StatusNotImplemented {
		t.Errorf("status = %d", status)
	}
	if status, _, _ := f.send("PURGE", "/repos/acme/deployment", token, nil); status != http.StatusNotImplemented {
		t.Errorf("status = %d", status)
	}
	g := f.query(token, `{repository(owner: "acme", name: "deployment") { stars }}`, nil)
	if len(g.Errors) != 1 || len(g.Errors[0].Locations) != 1 {
		t.Errorf("answer = %+v", g)
	}
	if g = f.query(token, `{viewer {`, nil); len(g.Errors) != 1 {
		t.Errorf("answer = %+v", g)
	}
	if len(told) != 4 || told[0] != "GET /repos/acme/deployment/stargazers" {
		t.Errorf("told = %v", told)
	}
	if got := f.Count("unknown"); got != 4 {
		t.Errorf("unknown requests in the log: %d", got)
	}
}

func BenchmarkRead(b *testing.B) {
	f := begin(b, github.Options{})
	for b.Loop() {
		if g := f.query(token, readQuery, readVariables()); g.Errors != nil {
			b.Fatal(g.Errors)
		}
	}
}
