package rest_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// gitData is the write through the Git Data interface: tree, commit, reference.
func gitData(t *testing.T, c *gogithub.Client, parent string, entries ...*gogithub.TreeEntry) (string, error) {
	t.Helper()
	tree, _, err := c.Git.CreateTree(t.Context(), owner, name, parent, entries)
	if err != nil {
		return "", err
	}
	commit, _, err := c.Git.CreateCommit(t.Context(), owner, name, &gogithub.Commit{
		Message: new("by the Git Data interface"), Tree: tree, Parents: []*gogithub.Commit{{SHA: &parent}},
	}, nil)
	if err != nil {
		return "", err
	}
	_, _, err = c.Git.UpdateRef(t.Context(), owner, name, &gogithub.Reference{
		Ref: new("refs/heads/" + branch), Object: &gogithub.GitObject{SHA: commit.SHA},
	}, false)
	return commit.GetSHA(), err
}

func entry(path, mode, content string) *gogithub.TreeEntry {
	return &gogithub.TreeEntry{Path: &path, Mode: &mode, Type: new("blob"), Content: &content}
}

func TestGitData(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	ref := must[*gogithub.Reference](t)(c.Git.GetRef(t.Context(), owner, name, "heads/"+branch))
	if ref.GetRef() != "refs/heads/"+branch || ref.GetObject().GetSHA() != f.Tip() {
		t.Errorf("ref = %v", ref)
	}
	parent := must[*gogithub.Commit](t)(c.Git.GetCommit(t.Context(), owner, name, f.Tip()))
	blob := must[*gogithub.Blob](t)(c.Git.CreateBlob(t.Context(), owner, name, &gogithub.Blob{
		Content: new("AAH/"), Encoding: new("base64"),
	}))
	sha, err := gitData(t, c, parent.GetSHA(), entry(file, "100644", "tag: two\n"), entry("bin/run", "100755", "#!/bin/sh\n"),
		&gogithub.TreeEntry{Path: new("binary"), Mode: new("100644"), SHA: blob.SHA},
		&gogithub.TreeEntry{Path: new("README.md"), Mode: new("100644"), Type: new("blob")})
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Git("diff", "--name-status", parent.GetSHA(), sha); got != "D\tREADME.md\nM\tbin/run\nA\tbinary\nM\tenv/values.yaml" {
		t.Errorf("changes:\n%s", got)
	}
	if content, _ := f.Server.File(repo, sha, "binary"); string(content) != "\x00\x01\xff" || sha != f.Tip() {
		t.Errorf("content = %q", content)
	}
	tree := must[*gogithub.Tree](t)(c.Git.GetTree(t.Context(), owner, name, branch, true))
	var lines []string
	for _, e := range tree.Entries {
		lines = append(lines, fmt.Sprintf("%s %s %s\t%s", e.GetMode(), e.GetType(), e.GetSHA(), e.GetPath()))
	}
	if want := f.Git("ls-tree", "-r", "-t", "HEAD"); strings.Join(lines, "\n") != want {
		t.Errorf("tree:\n%s\nwant:\n%s", strings.Join(lines, "\n"), want)
	}
	back := must[*gogithub.Blob](t)(c.Git.GetBlob(t.Context(), owner, name, blob.GetSHA()))
	if back.GetContent() != "AAH/\n" || back.GetSize() != 3 {
		t.Errorf("blob = %v", back)
	}
	raw, _, err := c.Git.GetBlobRaw(t.Context(), owner, name, blob.GetSHA())
	if err != nil || string(raw) != "\x00\x01\xff" {
		t.Errorf("raw = %q, %v", raw, err)
	}
}

func TestGitDataIsRefused(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	old, ctx := f.Tip(), t.Context()
	nowhere := strings.Repeat("1", 40)
	update := func(ref, sha string) error {
		_, _, err := c.Git.UpdateRef(ctx, owner, name, &gogithub.Reference{Ref: &ref, Object: &gogithub.GitObject{SHA: &sha}}, false)
		return err
	}
	create := func(ref, sha string) error {
		_, _, err := c.Git.CreateRef(ctx, owner, name, &gogithub.Reference{Ref: &ref, Object: &gogithub.GitObject{SHA: &sha}})
		return err
	}
	_, _, err := c.Git.GetRef(ctx, owner, name, "heads/stabilize")
	githubtest.WantRefusal(t, err, 404, "Not Found")
	_, _, err = c.Git.GetCommit(ctx, owner, name, nowhere)
	githubtest.WantRefusal(t, err, 404, "Not Found")
	_, _, err = c.Git.GetTree(ctx, owner, name, nowhere, false)
	githubtest.WantRefusal(t, err, 404, "Not Found")
	_, _, err = c.Git.GetBlob(ctx, owner, name, old)
	githubtest.WantRefusal(t, err, 404, "Not Found")
	githubtest.WantRefusal(t, create("refs/heads/"+branch, old), 422, "Reference already exists")
	githubtest.WantRefusal(t, create("refs/heads/new", nowhere), 422, "Object does not exist")
	githubtest.WantRefusal(t, create("refs/heads/"+branch+"/below", old), 422, "Reference update failed")
	githubtest.WantRefusal(t, update("refs/heads/nope", old), 422, "Reference does not exist")
	githubtest.WantRefusal(t, update("refs/heads/"+branch, nowhere), 422, "Object does not exist")
	f.Push("other", "x")
	_, err = gitData(t, c, old, entry(file, "100644", "x"))
	githubtest.WantRefusal(t, err, 422, "Update is not a fast forward")
	_, err = gitData(t, c, f.Tip(), entry("a//b", "100644", "x"))
	githubtest.WantRefusal(t, err, 422, "tree.path contains a malformed path component")
	_, err = gitData(t, c, f.Tip(), entry("a", "100600", "x"))
	githubtest.WantRefusal(t, err, 422, "Must supply a valid tree.mode")
	_, err = gitData(t, c, f.Tip(), &gogithub.TreeEntry{Path: new("nope"), Mode: new("100644")})
	githubtest.WantRefusal(t, err, 422, "GitRPC::BadObjectState")
	_, err = gitData(t, c, f.Tip(), &gogithub.TreeEntry{Path: new("a"), Mode: new("100644"), SHA: &nowhere})
	githubtest.WantRefusal(t, err, 422, "is not a valid blob")
	for protection, text := range map[github.Protection]string{
		github.BranchRule: "Changes must be made through a pull request.", github.Ruleset: "Repository rule violations found",
	} {
		if err := f.Server.Protect(repo, branch, protection); err != nil {
			t.Fatal(err)
		}
		_, err = gitData(t, c, f.Tip(), entry(file, "100644", "x"))
		githubtest.WantRefusal(t, err, 422, text)
	}
	if _, err := f.Server.CreateRepository(ctx, "acme/empty", "main", nil); err != nil {
		t.Fatal(err)
	}
	f.Server.Grant(token, "acme/empty", github.Permissions{Contents: github.Write})
	_, _, err = c.Git.GetRef(ctx, owner, "empty", "heads/main")
	githubtest.WantRefusal(t, err, 409, "Git Repository is empty.")
}

func TestBranchIsMade(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	sha := f.Tip()
	must[*gogithub.Reference](t)(c.Git.CreateRef(t.Context(), owner, name, &gogithub.Reference{
		Ref: new("refs/heads/deploy/stage"), Object: &gogithub.GitObject{SHA: &sha},
	}))
	if got := f.Git("rev-parse", "deploy/stage"); got != sha {
		t.Errorf("the branch is at %q", got)
	}
}

func TestConcurrentGitDataLosesNothing(t *testing.T) {
	f := served(t)
	const writers, rounds = 6, 3
	var wait sync.WaitGroup
	for w := range writers {
		wait.Go(func() {
			c := f.Client(token)
			for round := range rounds {
				for {
					head, err := f.Server.Head(repo, branch)
					if err != nil {
						t.Error(err)
						return
					}
					_, err = gitData(t, c, head, entry(fmt.Sprintf("writer/%d", w), "100644", fmt.Sprint(round)))
					if err == nil {
						break
					}
					var response *gogithub.ErrorResponse
					if !errors.As(err, &response) || response.Message != "Update is not a fast forward" {
						t.Error(err)
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
	for w := range writers {
		if got := f.Content(fmt.Sprintf("writer/%d", w)); got != fmt.Sprint(rounds-1) {
			t.Errorf("writer %d ends with %q", w, got)
		}
	}
}
