package contract

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// served is the schema of the in-process GitHub.
const served = "../github/gql/schema.graphql"

func TestServedSchemaIsAPartOfGitHubs(t *testing.T) {
	whole, err := parseSchema(Require(t).GraphQL())
	if err != nil {
		t.Fatal(err)
	}
	part, err := parseSchema(served)
	if err != nil {
		t.Fatal(err)
	}
	for _, difference := range differences(part, whole) {
		t.Error(difference)
	}
}

// Every kind of difference is found, on the served schema with one thing changed.
func TestDifferencesAreFound(t *testing.T) {
	store := Require(t)
	whole, err := parseSchema(store.GraphQL())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(served)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ old, new, want string }{
		"type":               {"scalar URI", "scalar URI\nscalar Place", "type Place: GitHub has none"},
		"kind":               {"scalar URI", "enum URI { A }", "URI: is ENUM, in GitHub SCALAR"},
		"field":              {"isTruncated: Boolean!", "isTruncated: Boolean!\nshort: Boolean!", "Blob: has short, in GitHub not"},
		"nullability":        {"text: String\n", "text: String!\n", "Blob: text is String!, in GitHub String"},
		"interface":          {"type Ref implements Node", "type Ref", "Ref: does not implement Node"},
		"invented interface": {"type TreeEntry {", "type TreeEntry implements Node {\nid: ID!", "TreeEntry: implements Node, in GitHub not"},
		"argument":           {"file(path: String!)", "file(path: String!, mode: Int)", "file(mode): GitHub takes no such argument"},
		"argument's type":    {"file(path: String!)", "file(path: String)", "file(path) is String = nothing, in GitHub String! = nothing"},
		"missing argument":   {"ref(qualifiedName: String!): Ref", "ref: Ref", "ref(qualifiedName) is missing, GitHub requires it"},
		"default":            {"dryRun: Boolean = false", "dryRun: Boolean = true", "rateLimit(dryRun) is Boolean = true, in GitHub Boolean = false"},
		"input's default":    {"additions: [FileAddition!] = []", "additions: [FileAddition!]", "additions defaults to nothing, in GitHub to []"},
		"missing input":      {"  expectedHeadOid: GitObjectID!\n", "", "lacks expectedHeadOid, which GitHub requires"},
		"missing value":      {"  TRIAGE\n", "", "RepositoryPermission: lacks the value TRIAGE"},
		"invented value":     {"  TRIAGE\n", "  TRIAGE\n  OWN\n", "RepositoryPermission: has the value OWN, in GitHub not"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(string(text), test.old, test.new, 1)
			path := filepath.Join(t.TempDir(), "schema.graphql")
			if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			part, err := parseSchema(path)
			if err != nil {
				t.Fatal(err)
			}
			if found := differences(part, whole); !slices.ContainsFunc(found, func(d string) bool { return strings.Contains(d, test.want) }) {
				t.Errorf("found %q, want %q", found, test.want)
			}
		})
	}
}
