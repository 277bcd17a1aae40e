package deployment

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// inlineLimit is up to which size a file travels within the tree; larger ones become blobs of their own first.
const inlineLimit = 1 << 20

// fileMode is git's mode of a file that is new.
const fileMode = "100644"

// commit takes three round trips. Only the last changes the branch, so that only its failure may be uncertain.
func (r *rest) commit(ctx context.Context, draft *Draft, m message) (Commit, error) {
	s := draft.Snapshot
	made, err := r.prepare(ctx, draft, m)
	if err != nil {
		return Commit{}, diagnose(err, plan.Deployment{Repository: s.Repository, Branch: s.Branch}, "committing to")
	}
	if err := r.move(ctx, s, made.GetSHA()); err != nil {
		return Commit{}, err
	}
	return Commit{
		SHA: made.GetSHA(), URL: made.GetHTMLURL(), Time: made.GetCommitter().GetDate().Time, Author: made.GetAuthor().GetName(),
		Message: m.headline + "\n\n" + m.body,
	}, nil
}

// prepare writes the commit without putting it on the branch. It names no author: GitHub then takes the token's owner,
// and signs what an App commits (https://docs.github.com/en/authentication/managing-commit-signature-verification).
func (r *rest) prepare(ctx context.Context, draft *Draft, m message) (*gogithub.Commit, error) {
	s := draft.Snapshot
	owner, name := split(s.Repository)
	on := s.base
	if on == nil { // another backend has read the snapshot
		var err error
		if on, err = r.base(ctx, s.Repository, s.Head, draft.paths()); err != nil {
			return nil, err
		}
	}
	tree, err := r.tree(ctx, draft, on)
	if err != nil {
		return nil, err
	}
	made, res, err := r.client().Git.CreateCommit(ctx, owner, name, &gogithub.Commit{
		Message: new(m.headline + "\n\n" + m.body),
		Tree:    tree,
		Parents: []*gogithub.Commit{{SHA: &s.Head}},
	}, nil)
	if err == nil && made.GetSHA() == "" {
		return nil, errors.New("the answer names no commit")
	}
	return made, r.refusal(res, err)
}

// tree writes the changed files on top of a base, with the modes that they have there.
func (r *rest) tree(ctx context.Context, draft *Draft, on *base) (*gogithub.Tree, error) {
	s := draft.Snapshot
	owner, name := split(s.Repository)
	entries := make([]*gogithub.TreeEntry, len(draft.Files))
	for i, f := range draft.Files {
		entry, err := r.entry(ctx, s, f)
		if err != nil {
			return nil, err
		}
		entry.Mode = new(cmp.Or(on.entries[f.Path].GetMode(), fileMode))
		entries[i] = entry
	}
	tree, res, err := r.client().Git.CreateTree(ctx, owner, name, on.tree, entries)
	if err == nil && tree.GetSHA() == "" {
		return nil, errors.New("the answer names no tree")
	}
	return tree, r.refusal(res, err)
}

func (r *rest) entry(ctx context.Context, s *Snapshot, f DraftFile) (*gogithub.TreeEntry, error) {
	entry := &gogithub.TreeEntry{Path: &f.Path, Type: new("blob")}
	if f.Delete { // go-github writes the id null, which deletes, for an entry that has neither id nor content
		return entry, nil
	}
	if len(f.Bytes) <= inlineLimit { // as JSON text, because package values edits nothing but UTF-8
		entry.Content = new(string(f.Bytes))
		return entry, nil
	}
	owner, name := split(s.Repository)
	blob, res, err := r.client().Git.CreateBlob(ctx, owner, name, &gogithub.Blob{
		Content: new(base64.StdEncoding.EncodeToString(f.Bytes)), Encoding: new("base64"),
	})
	if err != nil {
		return nil, r.refusal(res, err)
	}
	if !isBlob(f.Bytes, blob.GetSHA()) {
		return nil, fmt.Errorf("writing %s: GitHub stored something else, as blob %s", s.place(f.Path), blob.GetSHA())
	}
	entry.SHA = blob.SHA
	return entry, nil
}

// move puts the commit on the branch if that is a fast forward.
func (r *rest) move(ctx context.Context, s *Snapshot, commit string) error {
	owner, name := split(s.Repository)
	ref, res, err := r.client().Git.UpdateRef(ctx, owner, name, &gogithub.Reference{
		Ref: new("refs/heads/" + s.Branch), Object: &gogithub.GitObject{SHA: &commit},
	}, false)
	failure := r.refusal(res, err)
	status, refused := errors.AsType[*statusError](failure)
	switch {
	case failure == nil && ref.GetObject().GetSHA() == commit:
		return nil
	case failure == nil:
		return fmt.Errorf("%w: it does not name the commit", errUncertain)
	case !refused || isTransient(status.status):
		return fmt.Errorf("%w: %w", errUncertain, failure)
	case hasMoved(status):
		return errStale
	}
	return diagnoseMove(status, s)
}

// hasMoved knows a lost compare-and-swap by its text, since 422 has many meanings; other servers write fast-forward.
func hasMoved(e *statusError) bool {
	if e.status != http.StatusConflict && e.status != http.StatusUnprocessableEntity {
		return false
	}
	text := strings.ReplaceAll(strings.ToLower(e.text), "fast-forward", "fast forward")
	return strings.Contains(text, "not a fast forward") || saysMoved(e.text)
}

// diagnoseMove tells the refusals of a branch's update apart that have the status 422 in common.
func diagnoseMove(e *statusError, s *Snapshot) error {
	d := plan.Deployment{Repository: s.Repository, Branch: s.Branch}
	what := fmt.Sprintf("committing to %s@%s", s.Repository, s.Branch)
	text := strings.ToLower(e.text)
	switch {
	case e.status != http.StatusUnprocessableEntity || breaksRule(text):
		return diagnose(e, d, "committing to")
	case strings.Contains(text, "reference does not exist"):
		return noBranch(d)
	case strings.Contains(text, "reference update failed"), strings.Contains(text, "reference cannot be updated"):
		return problem.New(problem.Refused,
			"look at the rules and hooks of the branch (repository settings, Rules), which may forbid a direct commit;\n"+
				"or let the bump go through a pull request: deploy.mode: pull-request in astrago.yaml.",
			"%s: GitHub refuses to move the branch: %w", what, e)
	}
	return problem.New(problem.Failed, problem.Again+": it finishes the work and makes no second commit", "%s: %w", what, e)
}
