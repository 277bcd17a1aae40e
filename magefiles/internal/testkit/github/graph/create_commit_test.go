package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

func commitOn(expected, path, content string) map[string]any {
	return githubtest.CommitInput(expected, map[string]any{"additions": githubtest.Additions(path, content)})
}

func TestCommitChangesFilesOnce(t *testing.T) {
	f := githubtest.Start(t)
	parent := f.Tip()
	executable, err := f.Server.Commit(t.Context(), repo, branch, "more", map[string][]byte{"old": []byte("x"), "bin/run": []byte("#!/bin/sh\n")})
	if err != nil {
		t.Fatal(err)
	}
	g := f.Query(token, githubtest.CommitMutation, githubtest.CommitInput(executable, map[string]any{
		"additions": githubtest.Additions(file, "tag: 한글\r\n", "new/deep/file", "no newline"),
		"deletions": []any{map[string]any{"path": "old"}},
	}))
	if g.Errors != nil {
		t.Fatal(g.Errors)
	}
	head := f.Tip()
	commit := githubtest.At(t, g.Data, "createCommitOnBranch", "commit")
	if githubtest.At(t, commit, "oid") != head || githubtest.At(t, commit, "url") != "https://github.com/acme/deployment/commit/"+head {
		t.Errorf("commit = %v, head %s", commit, head)
	}
	if got := f.Content(file); got != "tag: 한글\r\n" {
		t.Errorf("content = %q", got)
	}
	want := "M\tenv/values.yaml\nA\tnew/deep/file\nD\told"
	if got := f.Git("diff", "--name-status", "HEAD~1", "HEAD"); got != want {
		t.Errorf("changes:\n%s\nwant:\n%s", got, want)
	}
	if got := f.Git("log", "-1", "--format=%P %an %cn"); got != executable+" octocat GitHub" {
		t.Errorf("commit = %s", got)
	}
	if got := f.Git("log", "-1", "--format=%(trailers:key=Astrago-Source,valueonly)"); got != "x" {
		t.Errorf("trailer = %q", got)
	}
	clone := t.TempDir() + "/clone"
	f.Git("clone", "--quiet", f.Dir, clone)
	if got := f.Git("-C", clone, "rev-list", "--count", parent+"..HEAD"); got != "2" {
		t.Errorf("clone has %s commits more", got)
	}
}

func TestCommitKeepsTheMode(t *testing.T) {
	f := githubtest.Start(t)
	work := t.TempDir() + "/work"
	f.Git("clone", "--quiet", f.Dir, work)
	f.Git("-C", work, "update-index", "--chmod=+x", "bin/run")
	f.Git("-C", work, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "--quiet", "-m", "mode")
	f.Git("-C", work, "push", "--quiet")
	g := f.Query(token, githubtest.CommitMutation, commitOn(f.Tip(), "bin/run", "#!/bin/bash\n"))
	if g.Errors != nil {
		t.Fatal(g.Errors)
	}
	if got := f.Git("ls-tree", "HEAD", "bin/run"); !strings.HasPrefix(got, "100755") {
		t.Errorf("entry = %s", got)
	}
}

func TestCommitIsRefused(t *testing.T) {
	change := map[string]any{"additions": githubtest.Additions(file, "x")}
	set := func(variables map[string]any, value any, path ...string) map[string]any {
		at := variables["input"].(map[string]any)
		for _, step := range path[:len(path)-1] {
			at = at[step].(map[string]any)
		}
		at[path[len(path)-1]] = value
		return variables
	}
	for name, test := range map[string]struct {
		prepare func(f *githubtest.Fixture, head string) map[string]any
		token   string
		kind    string
		message string
	}{
		"head has moved": {func(f *githubtest.Fixture, head string) map[string]any {
			f.Push("other", "x")
			return githubtest.CommitInput(head, change)
		}, token, "STALE_DATA", `Expected branch to point to "HEAD" but it did not.  Pull and try again.`},
		"head is unknown": {func(_ *githubtest.Fixture, _ string) map[string]any {
			return githubtest.CommitInput(strings.Repeat("1", 40), change)
		}, token, "NOT_FOUND", "No commit exists with specified expectedHeadOid '" + strings.Repeat("1", 40) + "'."},
		"no such branch": {func(_ *githubtest.Fixture, head string) map[string]any {
			return set(githubtest.CommitInput(head, change), "nope", "branch", "branchName")
		}, token, "NOT_FOUND", "Branch not found"},
		"no such repository": {func(_ *githubtest.Fixture, head string) map[string]any {
			return set(githubtest.CommitInput(head, change), "acme/nope", "branch", "repositoryNameWithOwner")
		}, token, "NOT_FOUND", "Could not resolve to a Repository with the name 'acme/nope'."},
		"read only": {func(_ *githubtest.Fixture, head string) map[string]any {
			return githubtest.CommitInput(head, change)
		}, "reader", "FORBIDDEN", "Resource not accessible by personal access token"},
		"branch protection": {func(f *githubtest.Fixture, head string) map[string]any {
			if err := f.Server.Protect(repo, branch, github.BranchRule); err != nil {
				f.T.Fatal(err)
			}
			return githubtest.CommitInput(head, change)
		}, token, "BRANCH_PROTECTION_RULE_VIOLATION", "Changes must be made through a pull request."},
		"ruleset": {func(f *githubtest.Fixture, head string) map[string]any {
			if err := f.Server.Protect(repo, branch, github.Ruleset); err != nil {
				f.T.Fatal(err)
			}
			return githubtest.CommitInput(head, change)
		}, token, "FORBIDDEN", "Repository rule violations found\n\nChanges must be made through a pull request.\n\n"},
		"null list": {func(_ *githubtest.Fixture, head string) map[string]any {
			return githubtest.CommitInput(head, map[string]any{"additions": githubtest.Additions(file, "x"), "deletions": nil})
		}, token, "", "Something went wrong while executing your query."},
		"deletion of nothing": {func(_ *githubtest.Fixture, head string) map[string]any {
			return githubtest.CommitInput(head, map[string]any{"deletions": []any{map[string]any{"path": "nope"}}})
		}, token, "NOT_FOUND", "A path was requested for deletion which does not exist as of commit oid `HEAD`"},
		"path with ..": {func(_ *githubtest.Fixture, head string) map[string]any {
			return githubtest.CommitInput(head, map[string]any{"additions": githubtest.Additions("a/../b", "x")})
		}, token, "UNPROCESSABLE", "path contains a malformed path component"},
		"path with slash": {func(_ *githubtest.Fixture, head string) map[string]any {
			return githubtest.CommitInput(head, map[string]any{"additions": githubtest.Additions("/b", "x")})
		}, token, "UNPROCESSABLE", "path cannot start with a slash"},
		"contents are not base64": {func(_ *githubtest.Fixture, head string) map[string]any {
			return githubtest.CommitInput(head, map[string]any{"additions": []any{map[string]any{"path": "a", "contents": "!"}}})
		}, token, "", "Variable $input of type CreateCommitOnBranchInput! was provided invalid value for fileChanges.additions.0.contents"},
	} {
		t.Run(name, func(t *testing.T) {
			f := githubtest.Start(t)
			f.Server.Grant("reader", repo, github.Permissions{Contents: github.Read})
			head := f.Tip()
			variables := test.prepare(f, head)
			before := f.Tip()
			g := f.Query(test.token, githubtest.CommitMutation, variables)
			want := strings.ReplaceAll(test.message, "HEAD", head)
			if len(g.Errors) != 1 || g.Errors[0].Type != test.kind || !strings.HasPrefix(g.Errors[0].Message, want) {
				t.Errorf("errors = %+v, want %s %q", g.Errors, test.kind, want)
			}
			if value, there := g.Data["createCommitOnBranch"]; !there || value != nil {
				t.Errorf("data = %v", g.Data)
			}
			if f.Tip() != before {
				t.Error("the branch has moved")
			}
		})
	}
}

func TestMissingInputIsWordedAsGitHubDoes(t *testing.T) {
	f := githubtest.StartWith(t, github.Options{OnUnknown: func(*http.Request) {}})
	variables := githubtest.CommitInput("", nil)
	variables["input"].(map[string]any)["expectedHeadOid"] = nil
	g := f.Query(token, githubtest.CommitMutation, variables)
	want := "Variable $input of type CreateCommitOnBranchInput! was provided invalid value for expectedHeadOid (Expected value to not be null)"
	if len(g.Errors) != 1 || g.Errors[0].Message != want {
		t.Errorf("errors = %+v", g.Errors)
	}
}

func TestConcurrentWritersLoseNothing(t *testing.T) {
	f := githubtest.Start(t)
	const writers, rounds = 8, 4
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			for round := range rounds {
				path, content := fmt.Sprintf("writer/%d", w), fmt.Sprint(round)
				for {
					head, err := f.Server.Head(repo, branch)
					if err != nil {
						t.Error(err)
						return
					}
					g := f.Query(token, githubtest.CommitMutation, commitOn(head, path, content))
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
	if got := f.Git("rev-list", "--count", "HEAD"); got != fmt.Sprint(1+writers*rounds) {
		t.Errorf("%s commits", got)
	}
	if got := f.Git("rev-list", "--merges", "HEAD"); got != "" {
		t.Errorf("history is not linear: %s", got)
	}
	for w := range writers {
		if got := f.Content(fmt.Sprintf("writer/%d", w)); got != fmt.Sprint(rounds-1) {
			t.Errorf("writer %d ends with %q", w, got)
		}
	}
}
