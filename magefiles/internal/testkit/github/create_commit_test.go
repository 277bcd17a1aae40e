package github_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

const commitMutation = `mutation Commit($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid url committedDate message author { name } } ref { name target { oid } } }
}`

const commitOperation = "mutation createCommitOnBranch"

func additions(files ...string) []any {
	var list []any
	for i := 0; i < len(files); i += 2 {
		list = append(list, map[string]any{"path": files[i], "contents": base64.StdEncoding.EncodeToString([]byte(files[i+1]))})
	}
	return list
}

func commitInput(expected string, changes map[string]any) map[string]any {
	return map[string]any{"input": map[string]any{
		"branch":          map[string]any{"repositoryNameWithOwner": repo, "branchName": branch},
		"expectedHeadOid": expected,
		"message":         map[string]any{"headline": "deploy(stage): shop 1234", "body": "core  a -> b\n\nAstrago-Source: x"},
		"fileChanges":     changes,
	}}
}

func TestCommitChangesFilesOnce(t *testing.T) {
	f := start(t)
	parent := f.head()
	executable, err := f.Commit(t.Context(), repo, branch, "more", map[string][]byte{"old": []byte("x"), "bin/run": []byte("#!/bin/sh\n")})
	if err != nil {
		t.Fatal(err)
	}
	g := f.query(token, commitMutation, commitInput(executable, map[string]any{
		"additions": additions(file, "tag: 한글\r\n", "new/deep/file", "no newline"),
		"deletions": []any{map[string]any{"path": "old"}},
	}))
	if g.Errors != nil {
		t.Fatal(g.Errors)
	}
	head := f.head()
	commit := at(t, g.Data, "createCommitOnBranch", "commit")
	if at(t, commit, "oid") != head || at(t, commit, "url") != "https://github.com/acme/deployment/commit/"+head {
		t.Errorf("commit = %v, head %s", commit, head)
	}
	if got := f.content(file); got != "tag: 한글\r\n" {
		t.Errorf("content = %q", got)
	}
	want := "M\tenv/values.yaml\nA\tnew/deep/file\nD\told"
	if got := f.git("diff", "--name-status", "HEAD~1", "HEAD"); got != want {
		t.Errorf("changes:\n%s\nwant:\n%s", got, want)
	}
	if got := f.git("log", "-1", "--format=%P %an %cn"); got != executable+" octocat GitHub" {
		t.Errorf("commit = %s", got)
	}
	if got := f.git("log", "-1", "--format=%(trailers:key=Astrago-Source,valueonly)"); got != "x" {
		t.Errorf("trailer = %q", got)
	}
	clone := t.TempDir() + "/clone"
	f.git("clone", "--quiet", f.dir, clone)
	if got := f.git("-C", clone, "rev-list", "--count", parent+"..HEAD"); got != "2" {
		t.Errorf("clone has %s commits more", got)
	}
}

func TestCommitKeepsTheMode(t *testing.T) {
	f := start(t)
	work := t.TempDir() + "/work"
	f.git("clone", "--quiet", f.dir, work)
	f.git("-C", work, "update-index", "--chmod=+x", "bin/run")
	f.git("-C", work, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "mode")
	f.git("-C", work, "push", "--quiet")
	g := f.query(token, commitMutation, commitInput(f.head(), map[string]any{"additions": additions("bin/run", "#!/bin/bash\n")}))
	if g.Errors != nil {
		t.Fatal(g.Errors)
	}
	if got := f.git("ls-tree", "HEAD", "bin/run"); !strings.HasPrefix(got, "100755") {
		t.Errorf("entry = %s", got)
	}
}

func TestCommitIsRefused(t *testing.T) {
	change := map[string]any{"additions": additions(file, "x")}
	set := func(variables map[string]any, value any, path ...string) map[string]any {
		at := variables["input"].(map[string]any)
		for _, step := range path[:len(path)-1] {
			at = at[step].(map[string]any)
		}
		at[path[len(path)-1]] = value
		return variables
	}
	for name, test := range map[string]struct {
		prepare func(f *fixture, head string) map[string]any
		token   string
		kind    string
		message string
	}{
		"head has moved": {func(f *fixture, head string) map[string]any {
			f.push("other", "x")
			return commitInput(head, change)
		}, token, "STALE_DATA", `Expected branch to point to "HEAD" but it did not.  Pull and try again.`},
		"head is unknown": {func(_ *fixture, _ string) map[string]any {
			return commitInput(strings.Repeat("1", 40), change)
		}, token, "NOT_FOUND", "No commit exists with specified expectedHeadOid '" + strings.Repeat("1", 40) + "'."},
		"no such branch": {func(_ *fixture, head string) map[string]any {
			return set(commitInput(head, change), "nope", "branch", "branchName")
		}, token, "NOT_FOUND", "Branch not found"},
		"no such repository": {func(_ *fixture, head string) map[string]any {
			return set(commitInput(head, change), "acme/nope", "branch", "repositoryNameWithOwner")
		}, token, "NOT_FOUND", "Could not resolve to a Repository with the name 'acme/nope'."},
		"read only": {func(_ *fixture, head string) map[string]any {
			return commitInput(head, change)
		}, "reader", "FORBIDDEN", "Resource not accessible by personal access token"},
		"branch protection": {func(f *fixture, head string) map[string]any {
			if err := f.Protect(repo, branch, github.BranchRule); err != nil {
				f.t.Fatal(err)
			}
			return commitInput(head, change)
		}, token, "BRANCH_PROTECTION_RULE_VIOLATION", "Changes must be made through a pull request."},
		"ruleset": {func(f *fixture, head string) map[string]any {
			if err := f.Protect(repo, branch, github.Ruleset); err != nil {
				f.t.Fatal(err)
			}
			return commitInput(head, change)
		}, token, "FORBIDDEN", "Repository rule violations found\n\nChanges must be made through a pull request.\n\n"},
		"null list": {func(_ *fixture, head string) map[string]any {
			return commitInput(head, map[string]any{"additions": additions(file, "x"), "deletions": nil})
		}, token, "", "Something went wrong while executing your query."},
		"deletion of nothing": {func(_ *fixture, head string) map[string]any {
			return commitInput(head, map[string]any{"deletions": []any{map[string]any{"path": "nope"}}})
		}, token, "NOT_FOUND", "A path was requested for deletion which does not exist as of commit oid `HEAD`"},
		"path with ..": {func(_ *fixture, head string) map[string]any {
			return commitInput(head, map[string]any{"additions": additions("a/../b", "x")})
		}, token, "UNPROCESSABLE", "path contains a malformed path component"},
		"path with slash": {func(_ *fixture, head string) map[string]any {
			return commitInput(head, map[string]any{"additions": additions("/b", "x")})
		}, token, "UNPROCESSABLE", "path cannot start with a slash"},
		"contents are not base64": {func(_ *fixture, head string) map[string]any {
			return commitInput(head, map[string]any{"additions": []any{map[string]any{"path": "a", "contents": "!"}}})
		}, token, "", "Variable $input of type CreateCommitOnBranchInput! was provided invalid value for fileChanges.additions.0.contents"},
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			f.Grant("reader", repo, github.Permissions{Contents: github.Read})
			head := f.head()
			variables := test.prepare(f, head)
			before := f.head()
			g := f.query(test.token, commitMutation, variables)
			want := strings.ReplaceAll(test.message, "HEAD", head)
			if len(g.Errors) != 1 || g.Errors[0].Type != test.kind || !strings.HasPrefix(g.Errors[0].Message, want) {
				t.Errorf("errors = %+v, want %s %q", g.Errors, test.kind, want)
			}
			if value, there := g.Data["createCommitOnBranch"]; !there || value != nil {
				t.Errorf("data = %v", g.Data)
			}
			if f.head() != before {
				t.Error("the branch has moved")
			}
		})
	}
}

func TestMissingInputIsWordedAsGitHubDoes(t *testing.T) {
	f := begin(t, github.Options{})
	variables := commitInput("", nil)
	variables["input"].(map[string]any)["expectedHeadOid"] = nil
	g := f.query(token, commitMutation, variables)
	want := "Variable $input of type CreateCommitOnBranchInput! was provided invalid value for expectedHeadOid (Expected value to not be null)"
	if len(g.Errors) != 1 || g.Errors[0].Message != want {
		t.Errorf("errors = %+v", g.Errors)
	}
}

func TestConcurrentWritersLoseNothing(t *testing.T) {
	f := start(t)
	const writers, rounds = 8, 4
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for round := range rounds {
				path, content := fmt.Sprintf("writer/%d", w), fmt.Sprint(round)
				for {
					head, err := f.Head(repo, branch)
					if err != nil {
						t.Error(err)
						return
					}
					g := f.query(token, commitMutation, commitInput(head, map[string]any{"additions": additions(path, content)}))
					if g.Errors == nil {
						break
					}
					if g.Errors[0].Type != "STALE_DATA" {
						t.Errorf("errors = %+v", g.Errors)
						return
					}
				}
			}
		})
	}
	wait.Wait()
	if got := f.git("rev-list", "--count", "HEAD"); got != fmt.Sprint(1+writers*rounds) {
		t.Errorf("%s commits", got)
	}
	if got := f.git("rev-list", "--merges", "HEAD"); got != "" {
		t.Errorf("history is not linear: %s", got)
	}
	for w := range writers {
		if got := f.content(fmt.Sprintf("writer/%d", w)); got != fmt.Sprint(rounds-1) {
			t.Errorf("writer %d ends with %q", w, got)
		}
	}
}
