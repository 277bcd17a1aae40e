package contract

import (
	"encoding/json"
	"strings"
	"testing"
)

const readDocument = `query Read($owner: String!, $ref: String!) {
  repository(owner: $owner, name: "deployment") {
    viewerPermission
    ref(qualifiedName: $ref) { target { oid ... on Commit { committedDate history(first: 1) { nodes { ...part } totalCount } } } }
  }
}
fragment part on Commit { message url }`

const readAnswer = `{"data": {"repository": {"viewerPermission": "WRITE", "ref": {"target": {
  "oid": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "committedDate": "2025-10-01T12:00:00Z",
  "history": {"totalCount": 1, "nodes": [{"message": "m", "url": "https://github.com/x"}]}}}}}}`

func TestGraphQLExchanges(t *testing.T) {
	Require(t)
	d, err := descriptions()
	if err != nil {
		t.Fatal(err)
	}
	replaced := func(text, old, by string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("no %q to replace", old)
		}
		return strings.Replace(text, old, by, 1)
	}
	variables := map[string]any{"owner": "acme", "ref": "refs/heads/main"}
	for name, test := range map[string]struct {
		document  string
		variables map[string]any
		status    int
		answer    string
		want      string
	}{
		"valid":                  {readDocument, variables, 200, readAnswer, ""},
		"errors, no data":        {readDocument, variables, 200, `{"errors": [{"message": "m"}]}`, ""},
		"refused as a whole":     {`{`, nil, 401, `{"message": "Bad credentials"}`, ""},
		"no such repository":     {readDocument, variables, 200, `{"data": {"repository": null}, "errors": [{"message": "m"}]}`, ""},
		"syntax":                 {`{`, nil, 200, `{}`, "Expected Name"},
		"no such field":          {replaced(readDocument, "message", "massage"), variables, 200, readAnswer, `Cannot query field "massage"`},
		"no such argument":       {replaced(readDocument, "first: 1", "first: 1, file: 1"), variables, 200, readAnswer, `Unknown argument "file"`},
		"argument's type":        {replaced(readDocument, "$ref: String!", "$ref: Int!"), variables, 200, readAnswer, `Variable "$ref" of type "Int!"`},
		"variable is missing":    {readDocument, map[string]any{"owner": "acme"}, 200, readAnswer, "must be defined"},
		"answer lacks a field":   {readDocument, variables, 200, replaced(readAnswer, `"viewerPermission": "WRITE",`, ""), `data.repository: "viewerPermission" is missing`},
		"answer has more":        {readDocument, variables, 200, replaced(readAnswer, `"viewerPermission"`, `"id": "R", "viewerPermission"`), `data.repository: "id" was not asked for`},
		"null":                   {readDocument, variables, 200, replaced(readAnswer, `"m"`, "null"), "nodes[0].message: null, but its type is String!"},
		"enum":                   {readDocument, variables, 200, replaced(readAnswer, "WRITE", "PUSH"), "viewerPermission: PUSH is no RepositoryPermission"},
		"object id":              {readDocument, variables, 200, replaced(readAnswer, "aaaa", "b"), "oid: b"},
		"date":                   {readDocument, variables, 200, replaced(readAnswer, "T12", " 12"), "is no DateTime!"},
		"number":                 {readDocument, variables, 200, replaced(readAnswer, "1,", `"1",`), "totalCount: 1 is no Int!"},
		"address":                {readDocument, variables, 200, replaced(readAnswer, "https://github.com", ""), "url: /x is no URI!"},
		"a list for an object":   {readDocument, variables, 200, `{"data": {"repository": []}}`, "a list, but its type is Repository"},
		"an object for a scalar": {readDocument, variables, 200, replaced(readAnswer, `"m"`, "{}"), "an object, but its type is String!"},
		"neither data nor error": {readDocument, variables, 200, `{}`, "neither data nor errors"},
	} {
		t.Run(name, func(t *testing.T) {
			sent := map[string]any{"query": test.document, "variables": test.variables}
			request, answer := exchanged(t, restCase{method: "POST", path: "/graphql", sent: sent, status: test.status, received: json.RawMessage(test.answer)})
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
