package contract

import (
	"context"
	"encoding/base64"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	gogithub "github.com/google/go-github/v62/github"
)

// adminToken is for what tests do as another user; its quota is not theirs.
const adminToken = "emulate-token-admin"

// CreateRepository makes a repository whose branch has exactly the given files, by slash-separated path, and gives its
// name (owner/name). Beneath them is emulate's own first commit.
func (e *Emulate) CreateRepository(ctx context.Context, branch string, files map[string][]byte) (repository string, err error) {
	name := fmt.Sprintf("repository-%d", e.next.Add(1))
	created, _, err := e.client.Repositories.Create(ctx, "", &gogithub.Repository{
		Name: &name, Private: new(true), AutoInit: new(true),
	})
	if err != nil {
		return "", fmt.Errorf("creating repository %q: %w", name, err)
	}
	repository = created.GetFullName()
	first, err := e.Head(ctx, repository, created.GetDefaultBranch())
	if err != nil {
		return "", err
	}
	sha, err := e.commit(ctx, repository, "", first, "Initial values", files)
	if err != nil {
		return "", err
	}
	ref := &gogithub.Reference{Ref: new("refs/heads/" + branch), Object: &gogithub.GitObject{SHA: &sha}}
	if branch == created.GetDefaultBranch() {
		_, _, err = e.client.Git.UpdateRef(ctx, emulateOwner, name, ref, true)
	} else {
		_, _, err = e.client.Git.CreateRef(ctx, emulateOwner, name, ref)
	}
	if err != nil {
		return "", fmt.Errorf("creating branch %q of %q: %w", branch, repository, err)
	}
	return repository, nil
}

// Commit puts files on a branch as another user, and returns the commit. A nil content deletes the file.
func (e *Emulate) Commit(ctx context.Context, repository, branch, message string, files map[string][]byte) (string, error) {
	head, err := e.Head(ctx, repository, branch)
	if err != nil {
		return "", err
	}
	parent, _, err := e.client.Git.GetCommit(ctx, emulateOwner, short(repository), head)
	if err != nil {
		return "", fmt.Errorf("reading commit %q: %w", head, err)
	}
	sha, err := e.commit(ctx, repository, parent.GetTree().GetSHA(), head, message, files)
	if err != nil {
		return "", err
	}
	ref := &gogithub.Reference{Ref: new("refs/heads/" + branch), Object: &gogithub.GitObject{SHA: &sha}}
	if _, _, err := e.client.Git.UpdateRef(ctx, emulateOwner, short(repository), ref, false); err != nil {
		return "", fmt.Errorf("moving branch %q of %q: %w", branch, repository, err)
	}
	return sha, nil
}

// commit makes a commit that no branch has yet, of files on top of a tree; an empty tree id is the empty tree.
func (e *Emulate) commit(ctx context.Context, repository, tree, parent, message string, files map[string][]byte) (string, error) {
	entries := make([]*gogithub.TreeEntry, 0, len(files))
	for path, content := range files {
		entry := &gogithub.TreeEntry{Path: &path, Mode: new("100644"), Type: new("blob")}
		if content != nil { // an entry with neither id nor content deletes
			blob, _, err := e.client.Git.CreateBlob(ctx, emulateOwner, short(repository), &gogithub.Blob{
				Content: new(base64.StdEncoding.EncodeToString(content)), Encoding: new("base64"),
			})
			if err != nil {
				return "", fmt.Errorf("writing %q: %w", path, err)
			}
			entry.SHA = blob.SHA
		}
		entries = append(entries, entry)
	}
	made, _, err := e.client.Git.CreateTree(ctx, emulateOwner, short(repository), tree, entries)
	if err != nil {
		return "", fmt.Errorf("writing a tree of %q: %w", repository, err)
	}
	commit, _, err := e.client.Git.CreateCommit(ctx, emulateOwner, short(repository), &gogithub.Commit{
		Message: &message, Tree: made, Parents: []*gogithub.Commit{{SHA: &parent}},
	}, nil)
	if err != nil {
		return "", fmt.Errorf("writing a commit of %q: %w", repository, err)
	}
	return commit.GetSHA(), nil
}

// Head returns the commit that a branch points to.
func (e *Emulate) Head(ctx context.Context, repository, branch string) (string, error) {
	ref, _, err := e.client.Git.GetRef(ctx, emulateOwner, short(repository), "heads/"+branch)
	if err != nil {
		return "", fmt.Errorf("reading branch %q of %q: %w", branch, repository, err)
	}
	return ref.GetObject().GetSHA(), nil
}

// File returns a file's bytes at the head of a branch. It goes by objects, because go-github asks for no path with two dots.
func (e *Emulate) File(ctx context.Context, repository, branch, path string) ([]byte, error) {
	head, err := e.Head(ctx, repository, branch)
	if err != nil {
		return nil, err
	}
	commit, _, err := e.client.Git.GetCommit(ctx, emulateOwner, short(repository), head)
	if err != nil {
		return nil, fmt.Errorf("reading commit %q: %w", head, err)
	}
	tree, _, err := e.client.Git.GetTree(ctx, emulateOwner, short(repository), commit.GetTree().GetSHA(), true)
	if err != nil {
		return nil, fmt.Errorf("reading the tree of %q: %w", head, err)
	}
	at := slices.IndexFunc(tree.Entries, func(entry *gogithub.TreeEntry) bool { return entry.GetPath() == path })
	if at < 0 {
		return nil, fmt.Errorf("reading %q of %q: %w", path, repository, fs.ErrNotExist)
	}
	blob, _, err := e.client.Git.GetBlob(ctx, emulateOwner, short(repository), tree.Entries[at].GetSHA())
	if err != nil {
		return nil, fmt.Errorf("reading %q of %q: %w", path, repository, err)
	}
	return base64.StdEncoding.DecodeString(strings.ReplaceAll(blob.GetContent(), "\n", ""))
}

func short(repository string) string { return strings.TrimPrefix(repository, emulateOwner+"/") }
