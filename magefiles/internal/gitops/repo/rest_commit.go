package repo

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// inlineLimit is up to which size a file travels within the tree; larger ones become blobs of their own first.
const inlineLimit = 1 << 20

// fileMode is git's mode of a file that is new.
const fileMode = "100644"

// commit takes three round trips. Only the last changes the branch, so that only its failure may be uncertain.
func (r *restBackend) commit(ctx context.Context, s *Snapshot, files []File, m Message) (Commit, error) {
	made, err := r.createCommit(ctx, s, files, m)
	if err != nil {
		return Commit{}, diagnosis.Explain(err, s.Deployment(), "committing to")
	}
	id := commitid.ID(made.GetSHA())
	if err := r.moveBranch(ctx, s, id); err != nil {
		return Commit{}, err
	}
	return Commit{
		SHA: id, URL: made.GetHTMLURL(), Time: made.GetCommitter().GetDate().Time, Author: made.GetAuthor().GetName(),
		Message: m.String(),
	}, nil
}

// createCommit writes the commit without putting it on the branch. It names no author: GitHub then takes the token's owner,
// and signs what an App commits (https://docs.github.com/en/authentication/managing-commit-signature-verification).
func (r *restBackend) createCommit(ctx context.Context, s *Snapshot, files []File, m Message) (*gogithub.Commit, error) {
	owner, name := github.SplitRepository(s.Repository)
	on := s.tree
	if on == nil { // another backend has read the snapshot
		var err error
		if on, err = r.readTree(ctx, s.Repository, s.Head, pathsOf(files)); err != nil {
			return nil, err
		}
	}
	tree, err := r.createTree(ctx, s, files, on)
	if err != nil {
		return nil, err
	}
	made, res, err := r.client.REST().Git.CreateCommit(ctx, owner, name, &gogithub.Commit{
		Message: new(m.String()),
		Tree:    tree,
		Parents: []*gogithub.Commit{{SHA: new(string(s.Head))}},
	}, nil)
	if err == nil && made.GetSHA() == "" {
		return nil, errors.New("the answer names no commit")
	}
	return made, r.client.Refusal(res, err)
}

// createTree writes the changed files on top of a base, with the modes that they have there.
func (r *restBackend) createTree(ctx context.Context, s *Snapshot, files []File, on *headTree) (*gogithub.Tree, error) {
	owner, name := github.SplitRepository(s.Repository)
	entries := make([]*gogithub.TreeEntry, len(files))
	for i, f := range files {
		entry, err := r.createEntry(ctx, s, f)
		if err != nil {
			return nil, err
		}
		entry.Mode = new(cmp.Or(on.entries[f.Path].GetMode(), fileMode))
		entries[i] = entry
	}
	tree, res, err := r.client.REST().Git.CreateTree(ctx, owner, name, on.id, entries)
	if err == nil && tree.GetSHA() == "" {
		return nil, errors.New("the answer names no tree")
	}
	return tree, r.client.Refusal(res, err)
}

func (r *restBackend) createEntry(ctx context.Context, s *Snapshot, f File) (*gogithub.TreeEntry, error) {
	entry := &gogithub.TreeEntry{Path: &f.Path, Type: new("blob")}
	if f.Delete { // go-github writes the id null, which deletes, for an entry that has neither id nor content
		return entry, nil
	}
	if len(f.Bytes) <= inlineLimit { // as JSON text, because package yamledit edits nothing but UTF-8
		entry.Content = new(string(f.Bytes))
		return entry, nil
	}
	owner, name := github.SplitRepository(s.Repository)
	blob, res, err := r.client.REST().Git.CreateBlob(ctx, owner, name, &gogithub.Blob{
		Content: new(base64.StdEncoding.EncodeToString(f.Bytes)), Encoding: new("base64"),
	})
	if err != nil {
		return nil, r.client.Refusal(res, err)
	}
	if !isBlob(f.Bytes, blob.GetSHA()) {
		return nil, fmt.Errorf("writing %s: GitHub stored something else, as blob %s", s.Place(f.Path), blob.GetSHA())
	}
	entry.SHA = blob.SHA
	return entry, nil
}

// moveBranch puts the commit on the branch if that is a fast forward.
func (r *restBackend) moveBranch(ctx context.Context, s *Snapshot, commit commitid.ID) error {
	owner, name := github.SplitRepository(s.Repository)
	ref, res, err := r.client.REST().Git.UpdateRef(ctx, owner, name, &gogithub.Reference{
		Ref: new("refs/heads/" + s.Branch), Object: &gogithub.GitObject{SHA: new(string(commit))},
	}, false)
	failure := r.client.Refusal(res, err)
	status, refused := errors.AsType[*github.StatusError](failure)
	switch {
	case failure == nil && ref.GetObject().GetSHA() == string(commit):
		return nil
	case failure == nil:
		return fmt.Errorf("%w: it does not name the commit", ErrUncertain)
	case !refused || status.IsTransient():
		return fmt.Errorf("%w: %w", ErrUncertain, failure)
	case hasMoved(status):
		return ErrStale
	}
	return explainMove(status, s)
}

// hasMoved recognises a lost compare-and-swap by its text, since 422 has many meanings; other servers write fast-forward.
func hasMoved(e *github.StatusError) bool {
	if e.Status != http.StatusConflict && e.Status != http.StatusUnprocessableEntity {
		return false
	}
	text := strings.ReplaceAll(strings.ToLower(e.Text), "fast-forward", "fast forward")
	return strings.Contains(text, "not a fast forward") || saysMoved(e.Text)
}

// explainMove distinguishes the refusals of a branch's update that have the status 422 in common.
func explainMove(e *github.StatusError, s *Snapshot) error {
	d := s.Deployment()
	what := fmt.Sprintf("committing to %s@%s", s.Repository, s.Branch)
	text := strings.ToLower(e.Text)
	switch {
	case e.Status != http.StatusUnprocessableEntity || diagnosis.BreaksRule(text):
		return diagnosis.Explain(e, d, "committing to")
	case strings.Contains(text, "reference does not exist"):
		return diagnosis.NoBranch(d)
	case strings.Contains(text, "reference update failed"), strings.Contains(text, "reference cannot be updated"):
		return problem.New(problem.Refused,
			"look at the rules and hooks of the branch (repository settings, Rules), which may forbid a direct commit\n"+
				"or let the bump go through a pull request: deploy.mode: pull-request in astrago.yaml",
			"%s: GitHub refuses to move the branch: %w", what, e)
	}
	return problem.New(problem.Failed, problem.Again+": it finishes the work and makes no second commit", "%s: %w", what, e)
}
