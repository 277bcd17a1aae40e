package graph_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

// everything selects each field of each object type once.
const everything = `{
  id
  rateLimit { cost limit nodeCount remaining resetAt used }
  viewer { databaseId email id login name url }
  repository(owner: "acme", name: "deployment") {
    autoMergeAllowed databaseId deleteBranchOnMerge id isArchived isPrivate mergeCommitAllowed name nameWithOwner
    rebaseMergeAllowed squashMergeAllowed url viewerPermission
    owner { id login url }
    deployments(first: 1) { nodes { state } totalCount }
    object(expression: "v1") { oid }
    defaultBranchRef { id name prefix repository { id } branchProtectionRule { id isAdminEnforced pattern requiresApprovingReviews }
      refUpdateRule { pattern requiredApprovingReviewCount viewerCanPush } }
    ref(qualifiedName: "refs/tags/v1") { prefix target { ... on Tag {
      abbreviatedOid commitUrl id message name oid repository { id } target { ... on Commit {
        abbreviatedOid authoredDate commitUrl committedDate id message messageBody messageHeadline oid treeUrl url
        author { date email name } committer { name } repository { id }
        parents(first: 1) { nodes { oid } totalCount }
        history(first: 1) { nodes { oid } totalCount pageInfo { endCursor hasNextPage hasPreviousPage startCursor } }
        file(path: "env/values.yaml") { mode name oid path size type object { ... on Blob {
          abbreviatedOid byteSize commitUrl id isBinary isTruncated oid text repository { id } } } }
        tree { abbreviatedOid commitUrl id oid repository { id } entries { name } }
      } }
    } } }
  }
}`

func TestEveryFieldOfTheSchemaIsServed(t *testing.T) {
	f := githubtest.Start(t)
	f.Push(file, "tag: two\n")
	f.Git("-c", "user.name=a", "-c", "user.email=a@example.com", "tag", "-a", "-m", "first", "v1", branch)
	if err := f.Server.Protect(repo, branch, github.BranchRule); err != nil {
		t.Fatal(err)
	}
	g := f.Query(token, everything, nil)
	if g.Errors != nil {
		t.Fatal(g.Errors)
	}
	if got := githubtest.At(t, g.Data, "repository", "ref", "target", "target", "oid"); got != f.Tip() {
		t.Errorf("the tag leads to %v", got)
	}
	if got := githubtest.At(t, g.Data, "repository", "defaultBranchRef", "branchProtectionRule", "pattern"); got != branch {
		t.Errorf("pattern = %v", got)
	}
	schema, err := gql.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range []string{
		"Query", "Repository", "Organization", "User", "Ref", "BranchProtectionRule", "RefUpdateRule", "Commit", "CommitConnection",
		"CommitHistoryConnection", "PageInfo", "GitActor", "Tree", "TreeEntry", "Blob", "Tag", "RateLimit",
	} {
		fields := schema.Fields(object)
		if len(fields) == 0 {
			t.Errorf("no type %s", object)
		}
		for _, field := range fields {
			if !strings.HasPrefix(field, "__") && !regexp.MustCompile(`\b`+field+`\b`).MatchString(everything) {
				t.Errorf("%s.%s is not asked for here", object, field)
			}
		}
	}
}
