package githubtest

import "encoding/base64"

// CommitMutation is the commit of package gitops, with more of its answer.
const CommitMutation = `mutation Commit($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid url committedDate message author { name } } ref { name target { oid } } }
}`

// CommitOperation names it in the log.
const CommitOperation = "mutation createCommitOnBranch"

// Additions are files to write: path, content, path, content...
func Additions(files ...string) []any {
	var list []any
	for i := 0; i < len(files); i += 2 {
		list = append(list, map[string]any{"path": files[i], "contents": base64.StdEncoding.EncodeToString([]byte(files[i+1]))})
	}
	return list
}

// CommitInput returns the variables of CommitMutation for changes on the commit that the branch is expected at.
func CommitInput(expected string, changes map[string]any) map[string]any {
	return map[string]any{"input": map[string]any{
		"branch":          map[string]any{"repositoryNameWithOwner": Repository, "branchName": Branch},
		"expectedHeadOid": expected,
		"message":         map[string]any{"headline": "deploy(stage): shop 1234", "body": "core  a -> b\n\nAstrago-Source: x"},
		"fileChanges":     changes,
	}}
}

// ReadQuery reads one file and what is known of its branch.
const ReadQuery = `query Read($owner: String!, $name: String!, $ref: String!, $path: String!) {
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

// ReadVariables are those of ReadQuery.
func ReadVariables() map[string]any {
	return map[string]any{"owner": "acme", "name": "deployment", "ref": "refs/heads/" + Branch, "path": File}
}
