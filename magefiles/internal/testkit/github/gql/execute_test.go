package gql_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// run executes a document on a small world and gives the answer as JSON.
func run(t *testing.T, request gql.Request) string {
	t.Helper()
	schema, err := gql.Load()
	if err != nil {
		t.Fatal(err)
	}
	operation, errs := schema.Prepare(request)
	if errs != nil {
		text, _ := json.Marshal(errs)
		return string(text)
	}
	text, err := json.Marshal(operation.Execute(t.Context(), world()))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// world has a repository named by its owner argument, a tree in it, and fields that fail.
func world() gql.Object {
	tree := gql.Object{Type: "Tree", Fields: gql.Fields{
		"oid": gql.Value("t"), "id": gql.Value(nil),
		"entries": gql.Value([]gql.Object{{Type: "TreeEntry", Fields: gql.Fields{"name": gql.Value("a"), "size": gql.Value(1)}}}),
	}}
	return gql.Object{Type: "Query", Fields: gql.Fields{
		"rateLimit": func(context.Context, gql.Args) (any, error) { return nil, errors.New("secret detail") },
		"viewer":    func(context.Context, gql.Args) (any, error) { return nil, &gql.Fault{Type: "FORBIDDEN", Message: "no"} },
		"repository": func(_ context.Context, args gql.Args) (any, error) {
			return gql.Object{Type: "Repository", Fields: gql.Fields{
				"name": gql.Value(args.Text("owner")), "object": gql.Value(&tree), "defaultBranchRef": gql.Value(nil),
			}}, nil
		},
	}}
}

func TestExecute(t *testing.T) {
	for name, test := range map[string]struct {
		request gql.Request
		want    string
	}{
		"alias, fragment, interface": {
			gql.Request{Query: `{ r: repository(owner: "o", name: "n") { ...F object(expression: "e") { oid ... on Tree { entries { name } } ... on Blob { text } } } }
				fragment F on Repository { __typename n: name }`},
			`{"data":{"r":{"__typename":"Repository","n":"o","object":{"entries":[{"name":"a"}],"oid":"t"}}}}`,
		},
		"fields of one name are merged": {
			gql.Request{Query: `{ repository(owner: "o", name: "n") { object { oid } object { ... on Tree { entries { size } } } } }`},
			`{"data":{"repository":{"object":{"entries":[{"size":1}],"oid":"t"}}}}`,
		},
		"variables and directives": {
			gql.Request{
				Query:     `query($o: String!, $no: Boolean = true) { repository(owner: $o, name: "n") { name defaultBranchRef { name } url @skip(if: $no) ... @include(if: false) { id } } }`,
				Variables: map[string]any{"o": "x"},
			},
			`{"data":{"repository":{"defaultBranchRef":null,"name":"x"}}}`,
		},
		"one operation of two": {
			gql.Request{Query: `query A { a: repository(owner: "o", name: "n") { name } } query B { rateLimit { cost } }`, OperationName: "A"},
			`{"data":{"a":{"name":"o"}}}`,
		},
		"an error in a field that may be null": {
			gql.Request{Query: `{ rateLimit { cost } }`},
			`{"data":{"rateLimit":null},"errors":[{"locations":[{"line":1,"column":3}],"message":"Something went wrong`,
		},
		"an error in a field that may not be null": {
			gql.Request{Query: `{ viewer { login } }`},
			`{"data":null,"errors":[{"type":"FORBIDDEN","path":["viewer"],"locations":[{"line":1,"column":3}],"message":"no"}]}`,
		},
		"a null where none may be moves up": {
			gql.Request{Query: `{ repository(owner: "o", name: "n") { name object { oid id } } }`},
			`{"data":{"repository":{"name":"o","object":null}},"errors":[{"path":["repository","object","id"],"locations":[{"line":1,"column":57}],"message":"Cannot return null for non-nullable field Tree.id"}]}`,
		},
		"two operations and no name": {
			gql.Request{Query: `query A { viewer { login } } query B { viewer { login } }`},
			`[{"message":"An operation name is required"}]`,
		},
		"unknown field": {
			gql.Request{Query: "{\n  repository(owner: \"o\", name: \"n\") { nam } }"},
			`[{"locations":[{"line":2,"column":39}],"message":"Cannot query field \"nam\" on type \"Repository\".`,
		},
		"syntax": {gql.Request{Query: `{`}, `[{"locations":[{"line":1,"column":2}],"message":"Expected Name`},
		"unknown input field": {
			gql.Request{
				Query:     `mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { ref { name } } }`,
				Variables: map[string]any{"input": map[string]any{"nope": 1}},
			},
			`[{"extensions":{"problems":[{"explanation":"Field is not defined on the input type","path":["nope"]}]},"message":"Variable $input of type CreateCommitOnBranchInput! was provided invalid value for nope (Field is not defined on the input type)"}]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := run(t, test.request); !strings.HasPrefix(got, test.want) {
				t.Errorf("answer\n%s\nwant\n%s", got, test.want)
			}
			if got := run(t, test.request); strings.Contains(got, "secret detail") {
				t.Error("the answer holds what only the server should know")
			}
		})
	}
}
