package contract

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

const at = "/repos/acme/deployment"

// sha is an object id.
var sha = strings.Repeat("a", 40)

// refAnswer is a valid answer to the operations on references.
func refAnswer() map[string]any {
	return map[string]any{
		"ref": "refs/heads/stabilize/1.0", "node_id": "REF_1", "url": "https://api.github.com/x",
		"object": map[string]any{"type": "commit", "sha": sha, "url": "https://api.github.com/y"},
	}
}

func refused(message string) map[string]any {
	return map[string]any{"message": message, "documentation_url": "https://docs.github.com/rest"}
}

// with returns a copy of an object with one field changed; nil takes it away.
func with(object map[string]any, field string, value any) map[string]any {
	changed := maps.Clone(object)
	if changed[field] = value; value == nil {
		delete(changed, field)
	}
	return changed
}

// restCase is one exchange and what the check must find; an empty want is nothing.
type restCase struct {
	method, path string
	sent         any
	status       int
	received     any
	want         string
}

func TestRESTExchanges(t *testing.T) {
	Require(t)
	d, err := descriptions()
	if err != nil {
		t.Fatal(err)
	}
	move := map[string]any{"sha": sha, "force": false}
	put := map[string]any{"message": "m", "content": "eA==", "branch": "stabilize/1.0"}
	tree := map[string]any{"base_tree": sha, "tree": []any{map[string]any{"path": "a", "mode": "100644", "type": "blob", "sha": nil}}}
	treeAnswer := map[string]any{"sha": sha, "url": "https://api.github.com/t", "truncated": false, "tree": []any{}}
	for name, test := range map[string]restCase{
		"reference with a slash":     {"PATCH", at + "/git/refs/heads/stabilize/1.0", move, 200, refAnswer(), ""},
		"no fast forward":            {"PATCH", at + "/git/refs/heads/stabilize/1.0", move, 422, refused("Update is not a fast forward"), ""},
		"conflict of contents":       {"PUT", at + "/contents/env/values.yaml", put, 409, refused("is at a but expected b"), ""},
		"deletion in a tree":         {"POST", at + "/git/trees", tree, 201, treeAnswer, ""},
		"root of the contents":       {"GET", at + "/contents/?ref=main", nil, 200, []any{}, ""},
		"bad credentials":            {"GET", at + "/git/ref/heads/main", nil, 401, refused("Bad credentials"), ""},
		"malformed, and refused":     {"PATCH", at + "/git/refs/heads/main", map[string]any{}, 422, refused("sha is missing"), ""},
		"labels without an object":   {"POST", at + "/issues/1/labels", []string{"deploy"}, 200, []any{}, ""},
		"labels in an object":        {"POST", at + "/issues/1/labels", map[string]any{"labels": []string{"deploy"}}, 200, []any{}, ""},
		"no such operation":          {"GET", at + "/git/reference/heads/main", nil, 200, refAnswer(), "describes no such operation"},
		"no such method":             {"PUT", at + "/git/refs/heads/main", move, 200, refAnswer(), "describes no such operation"},
		"unknown query parameter":    {"GET", at + "/git/ref/heads/main?sah=x", nil, 200, refAnswer(), `knows no query parameter "sah"`},
		"bad query parameter":        {"GET", at + "/commits?per_page=many", nil, 200, []any{}, `parameter "per_page" in query`},
		"request lacks a field":      {"PATCH", at + "/git/refs/heads/main", map[string]any{"force": true}, 200, refAnswer(), `property "sha" is missing`},
		"request has a wrong type":   {"PATCH", at + "/git/refs/heads/main", with(move, "force", "no"), 200, refAnswer(), "/force: value must be a boolean"},
		"request has a bad mode":     {"POST", at + "/git/trees", map[string]any{"tree": []any{map[string]any{"path": "a", "mode": "777"}}}, 201, treeAnswer, "/tree/0/mode: value is not one of the allowed values"},
		"label of a wrong type":      {"POST", at + "/issues/1/labels", []int{1}, 200, []any{}, "doesn't match"},
		"answer lacks a field":       {"GET", at + "/git/ref/heads/main", nil, 200, with(refAnswer(), "node_id", nil), `property "node_id" is missing`},
		"answer has a wrong type":    {"GET", at + "/git/ref/heads/main", nil, 200, with(refAnswer(), "ref", 1), "/ref: value must be a string"},
		"answer has an invention":    {"GET", at + "/git/ref/heads/main", nil, 200, with(refAnswer(), "branch", "main"), `property "branch" is unsupported`},
		"answer has a relative link": {"GET", at + "/git/ref/heads/main", nil, 200, with(refAnswer(), "url", "/x"), "/url: "},
		"answer is short of digits":  {"GET", at + "/git/ref/heads/main", nil, 200, with(refAnswer(), "object", map[string]any{"type": "commit", "sha": "abc", "url": "https://x/y"}), "/object/sha: "},
		"status is undescribed":      {"GET", at + "/git/ref/heads/main", nil, 206, refAnswer(), "status is not supported"},
		"refusal in another form":    {"GET", at + "/git/ref/heads/main", nil, 401, map[string]any{"message": 401}, "/message: value must be a string"},
		"refusal that is no JSON":    {"GET", at + "/git/ref/heads/main", nil, 401, json.RawMessage(`<html>`), "invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			request, answer := exchanged(t, test)
			err := d.check(request, answer)
			switch {
			case test.want == "" && err != nil:
				t.Errorf("a valid exchange is refused: %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("found %v, want %q", err, test.want)
			}
		})
	}
}

// exchanged makes a request and its answer as a server sees them.
func exchanged(t *testing.T, c restCase) (*http.Request, github.Answer) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), c.method, c.path, http.NoBody)
	if c.sent != nil {
		request = httptest.NewRequestWithContext(t.Context(), c.method, c.path, bytes.NewReader(encode(t, c.sent)))
		request.Header.Set("Content-Type", "application/json")
	}
	answer := github.Answer{Status: c.status, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}}
	if raw, ok := c.received.(json.RawMessage); ok {
		answer.Body = raw
	} else {
		answer.Body = encode(t, c.received)
	}
	return request, answer
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A file's bytes are no JSON, and no media type that the description names.
func TestRawContents(t *testing.T) {
	Require(t)
	d, err := descriptions()
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, at+"/contents/env/values.yaml?ref=main", http.NoBody)
	if err := d.check(request, github.Answer{
		Status: 200, Header: http.Header{"Content-Type": {"application/vnd.github.raw+json; charset=utf-8"}}, Body: []byte("tag: one\n"),
	}); err != nil {
		t.Error(err)
	}
}
