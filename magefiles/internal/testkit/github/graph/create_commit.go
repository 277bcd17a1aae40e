package graph

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// createCommitOnBranch is the mutation of that name: several files, one commit, only on the head that the caller knows.
// https://docs.github.com/graphql/reference/mutations#createcommitonbranch
func createCommitOnBranch(ctx context.Context, c *github.Call, args gql.Args) (any, error) {
	input := args.Object("input")
	branch := input.Object("branch")
	r, p, err := visibleRepository(c, branch.Text("repositoryNameWithOwner"))
	if err != nil {
		return nil, err
	}
	name, expected := branch.Text("branchName"), input.Text("expectedHeadOid")
	text := message(input.Object("message"))
	if err := mayCommit(c, r, p, name, expected, text); err != nil {
		return nil, err
	}
	changes, err := fileChanges(ctx, r, expected, input)
	if err != nil {
		return nil, err
	}
	sha, err := github.CommitOnBranch(ctx, c, r, name, expected, text, changes)
	if errors.Is(err, bare.ErrStale) {
		return nil, stale(expected)
	}
	if err != nil {
		return nil, err
	}
	commit, err := r.Git.Commit(sha)
	return gql.Object{Type: "CreateCommitOnBranchPayload", Fields: gql.Fields{
		"clientMutationId": gql.Value(input["clientMutationId"]),
		"commit":           gql.Value(commitObject(c, r, p, commit)),
		"ref":              gql.Value(foundRef(c, r, p, "refs/heads/"+name, sha)),
	}}, err
}

// mayCommit checks what can be checked before anything is written, in GitHub's order as far as it is known.
func mayCommit(c *github.Call, r *github.Repository, p github.Permissions, branch, expected, message string) error {
	if !p.Allows("contents", github.Write) {
		return &gql.Fault{
			Type: "FORBIDDEN", Message: c.Inaccessible(),
			Extensions: map[string]any{"saml_failure": false},
		}
	}
	head, err := c.Head(r, branch)
	if errors.Is(err, bare.ErrMissing) {
		return &gql.Fault{Type: "NOT_FOUND", Message: "Branch not found"}
	}
	if err != nil {
		return err
	}
	if o, err := r.Git.Object(expected); err != nil || o.Type != bare.CommitType {
		return &gql.Fault{Type: "NOT_FOUND", Message: fmt.Sprintf("No commit exists with specified expectedHeadOid '%s'.", expected)}
	}
	if head != expected {
		return stale(expected)
	}
	switch text, form := r.Violation(branch, message); form {
	case github.BranchRule:
		return &gql.Fault{Type: "BRANCH_PROTECTION_RULE_VIOLATION", Message: text}
	case github.Ruleset:
		return &gql.Fault{Type: "FORBIDDEN", Message: text}
	}
	return nil
}

// stale is the answer to a head that has moved on; the two blanks are GitHub's.
func stale(expected string) error {
	return &gql.Fault{Type: "STALE_DATA", Message: fmt.Sprintf(
		"Expected branch to point to %q but it did not.  Pull and try again.", expected)}
}

// errNullList stands for what GitHub runs into when a list of changes is null instead of absent.
var errNullList = errors.New("list of file changes is null")

// fileChanges turns the input into changes of the tree at a commit. A file that is there keeps its mode; a new one is
// 100644, since the mutation knows no modes.
func fileChanges(ctx context.Context, r *github.Repository, commit string, input gql.Args) ([]bare.Change, error) {
	files := input.Object("fileChanges")
	additions, noAdditions := files.List("additions")
	deletions, noDeletions := files.List("deletions")
	if noAdditions || noDeletions {
		return nil, errNullList
	}
	var changes []bare.Change
	for _, deletion := range deletions {
		path := deletion.Text("path")
		if entry, err := r.Git.Lookup(commit, path); err != nil || entry.Type() != bare.BlobType {
			return nil, &gql.Fault{Type: "NOT_FOUND", Message: fmt.Sprintf(
				"A path was requested for deletion which does not exist as of commit oid `%s`", commit)}
		}
		changes = append(changes, bare.Change{Path: path})
	}
	for i, addition := range additions {
		path := addition.Text("path")
		if problem := github.MalformedPath(path); problem != "" {
			return nil, &gql.Fault{Type: "UNPROCESSABLE", Message: fmt.Sprintf("path %s", problem)}
		}
		data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(addition.Text("contents"), "\n", ""))
		if err != nil {
			return nil, &gql.Fault{Message: fmt.Sprintf("Variable $input of type CreateCommitOnBranchInput! was provided "+
				"invalid value for fileChanges.additions.%d.contents (Could not coerce value to Base64String)", i)}
		}
		change, err := r.FileChange(ctx, commit, path, data)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return changes, nil
}

func message(m gql.Args) string {
	if body := m.Text("body"); body != "" {
		return m.Text("headline") + "\n\n" + body
	}
	return m.Text("headline")
}
