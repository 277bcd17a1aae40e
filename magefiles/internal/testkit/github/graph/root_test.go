package graph_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

func TestReadIsOneQuery(t *testing.T) {
	f := githubtest.Start(t)
	second := f.Push(file, "tag: two\n")
	g := f.Query(token, githubtest.ReadQuery, githubtest.ReadVariables())
	if g.Errors != nil {
		t.Fatal(g.Errors)
	}
	target := githubtest.At(t, g.Data, "repository", "ref", "target")
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
		{f.Git("rev-parse", second+"^{tree}"), []any{"tree", "oid"}},
	} {
		if got := githubtest.At(t, target, want.steps...); got != want.value {
			t.Errorf("%v = %v, want %v", want.steps, got, want.value)
		}
	}
	for path, want := range map[string]any{"viewerPermission": "WRITE", "nameWithOwner": repo} {
		if got := githubtest.At(t, g.Data, "repository", path); got != want {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
	if got := f.Server.Requests(); len(got) != 1 || got[0].Operation != "query viewer,rateLimit,repository" || got[0].Status != 200 {
		t.Errorf("log = %+v", got)
	}
}

func TestQueryOfWhatIsNotThere(t *testing.T) {
	f := githubtest.Start(t)
	g := f.Query(token, `{repository(owner: "acme", name: "deployment") {
		ref(qualifiedName: "refs/heads/nope") { name }
		missing: object(expression: "main:nope") { oid }
		head: object(expression: "stabilize/1.0:env") { ... on Tree { entries { name type } } }
	}}`, nil)
	if g.Errors != nil || githubtest.At(t, g.Data, "repository", "ref") != nil || githubtest.At(t, g.Data, "repository", "missing") != nil {
		t.Errorf("absent things are not null: %+v", g)
	}
	if got := githubtest.At(t, g.Data, "repository", "head", "entries", 0, "name"); got != "values.yaml" {
		t.Errorf("entry = %v", got)
	}
	g = f.Query(token, `{repository(owner: "acme", name: "other") { name }}`, nil)
	if len(g.Errors) != 1 || g.Errors[0].Type != "NOT_FOUND" || g.Data["repository"] != nil ||
		g.Errors[0].Message != "Could not resolve to a Repository with the name 'acme/other'." {
		t.Errorf("answer = %+v", g)
	}
}

func TestHistoryPages(t *testing.T) {
	f := githubtest.Start(t)
	for _, content := range []string{"a", "b", "c"} {
		f.Push(file, content)
		f.Push("other", content)
	}
	var seen []string
	cursor := any(nil)
	for range 10 {
		g := f.Query(token, `query($after: String) {repository(owner: "acme", name: "deployment") {
			defaultBranchRef { target { ... on Commit { history(first: 3, path: "env/values.yaml", after: $after) {
				nodes { oid } pageInfo { hasNextPage endCursor } } } } } }}`, map[string]any{"after": cursor})
		history := githubtest.At(t, g.Data, "repository", "defaultBranchRef", "target", "history")
		for _, node := range githubtest.At(t, history, "nodes").([]any) {
			seen = append(seen, githubtest.At(t, node, "oid").(string))
		}
		cursor = githubtest.At(t, history, "pageInfo", "endCursor")
		if githubtest.At(t, history, "pageInfo", "hasNextPage") == false {
			break
		}
	}
	if want := f.Git("log", "--format=%H", branch, "--", file); strings.Join(seen, "\n") != want {
		t.Errorf("history = %v, want %s", seen, want)
	}
	g := f.Query(token, `{repository(owner: "acme", name: "deployment") { defaultBranchRef { target { ... on Commit {
		history { totalCount } } } } }}`, nil)
	if len(g.Errors) != 1 || g.Errors[0].Type != "MISSING_PAGINATION_BOUNDARIES" {
		t.Errorf("history without first: %+v", g.Errors)
	}
}

func TestBlobTextHasLimits(t *testing.T) {
	f := githubtest.Start(t)
	long := strings.Repeat("가", 200_000) // 600,000 bytes
	f.Push("long", long)
	f.Push("binary", "a\x00b")
	f.Push("latin", "caf\xe9")
	read := func(path string) any {
		g := f.Query(token, `query($e: String!) {repository(owner: "acme", name: "deployment") {
			object(expression: $e) { ... on Blob { isBinary isTruncated text byteSize } } }}`, map[string]any{"e": branch + ":" + path})
		return githubtest.At(t, g.Data, "repository", "object")
	}
	cut := read("long")
	if text := githubtest.At(t, cut, "text").(string); githubtest.At(t, cut, "isTruncated") != true || len(text) > 512_000 || len(text) < 511_997 || !strings.HasPrefix(long, text) {
		t.Errorf("text of %d bytes, truncated %v", len(text), githubtest.At(t, cut, "isTruncated"))
	}
	if got := read("binary"); githubtest.At(t, got, "isBinary") != true || githubtest.At(t, got, "text") != nil {
		t.Errorf("binary blob = %v", got)
	}
	if got := githubtest.At(t, read("latin"), "text"); got != "caf\uFFFD" {
		t.Errorf("text = %q", got)
	}
}

func TestWhoMayAsk(t *testing.T) {
	f := githubtest.Start(t)
	f.Server.Grant("reader", repo, github.Permissions{Contents: github.Read, Role: "ADMIN"})
	document := map[string]any{"query": `{repository(owner: "acme", name: "deployment") { viewerPermission }}`}
	if status, _, body := f.Send("POST", "/graphql", "", document); status != 401 || !strings.Contains(body, "This endpoint requires you to be authenticated.") {
		t.Errorf("without token: %d %s", status, body)
	}
	if status, _, body := f.Send("POST", "/api/graphql", "wrong", document); status != 401 || !strings.Contains(body, `"message":"Bad credentials"`) {
		t.Errorf("wrong token: %d %s", status, body)
	}
	if status, _, body := f.Send("POST", "/api/graphql", "reader", document); status != 200 || !strings.Contains(body, `"ADMIN"`) {
		t.Errorf("reader: %d %s", status, body)
	}
	f.Server.Revoke("reader")
	if status, _, _ := f.Send("POST", "/graphql", "reader", document); status != 401 {
		t.Errorf("revoked token: %d", status)
	}
}

func TestUnknownRequestsAreToldOf(t *testing.T) {
	var told []string
	f := githubtest.StartWith(t, github.Options{OnUnknown: func(r *http.Request) { told = append(told, r.Method+" "+r.URL.Path) }})
	if status, _, _ := f.Send("GET", "/repos/acme/deployment/stargazers", token, nil); status != http.StatusNotImplemented {
		t.Errorf("status = %d", status)
	}
	if status, _, _ := f.Send("PURGE", "/repos/acme/deployment", token, nil); status != http.StatusNotImplemented {
		t.Errorf("status = %d", status)
	}
	g := f.Query(token, `{repository(owner: "acme", name: "deployment") { stars }}`, nil)
	if len(g.Errors) != 1 || len(g.Errors[0].Locations) != 1 {
		t.Errorf("answer = %+v", g)
	}
	if g = f.Query(token, `{viewer {`, nil); len(g.Errors) != 1 {
		t.Errorf("answer = %+v", g)
	}
	if len(told) != 4 || told[0] != "GET /repos/acme/deployment/stargazers" {
		t.Errorf("told = %v", told)
	}
	if got := f.Server.Count("unknown"); got != 4 {
		t.Errorf("unknown requests in the log: %d", got)
	}
}

func BenchmarkRead(b *testing.B) {
	f := githubtest.StartWith(b, github.Options{})
	for b.Loop() {
		if g := f.Query(token, githubtest.ReadQuery, githubtest.ReadVariables()); g.Errors != nil {
			b.Fatal(g.Errors)
		}
	}
}
