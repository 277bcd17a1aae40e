package git

import (
	"context"
	"errors"
	"os/exec"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// Relation is the relation of one commit to another, in the terms of GitHub's compare API.
type Relation string

// The relations. Unknown means that there is no answer, mostly because one of the commits is in no reachable history.
const (
	Unknown   Relation = "unknown"
	Ahead     Relation = "ahead"     // descends from the other
	Identical Relation = "identical" // is the other
	Behind    Relation = "behind"    // is an ancestor of the other
	Diverged  Relation = "diverged"  // neither: another line of history
)

// Comparison is the relation of a commit to Base.
type Comparison struct {
	Relation Relation
	Base     Commit      // SHA whole, and Time, Author and Title, as far as they are known
	Reason   string      // why the relation is Unknown
	Missing  commitid.ID // the commit that the clone lacks, where that is why
}

// Compare returns the relation of head to base, which may be abbreviated to 8 digits or more, from the repository at root alone. In a
// shallow clone a missing commit cannot be distinguished from one that does not exist: then the relation is Unknown, as it is where the
// clone lacks one of the commits, and Missing names that one.
func Compare(ctx context.Context, root string, base, head commitid.ID) (Comparison, error) {
	git := repository{dir: root}
	c := Comparison{Relation: Unknown, Base: Commit{SHA: base}, Missing: base, Reason: "this clone has no such commit"}
	var known, ours Commit
	err := askAll(
		func() (err error) { known, err = git.describe(ctx, base); return err },
		func() (err error) { ours, err = git.describe(ctx, head); return err },
	)
	if err != nil || known.SHA == "" {
		return c, err
	}
	c.Base, c.Missing = known, ""
	if known.SHA == head {
		c.Relation, c.Reason = Identical, ""
		return c, nil
	}
	if ours.SHA == "" {
		c.Missing, c.Reason = head, "this clone has no commit "+head.Short()
		return c, nil
	}
	return git.relate(ctx, c, head)
}

// relate compares head with the base of c, both of which the repository has.
func (r repository) relate(ctx context.Context, c Comparison, head commitid.ID) (Comparison, error) {
	for _, question := range []struct {
		ancestor, descendant commitid.ID
		answer               Relation
	}{{c.Base.SHA, head, Ahead}, {head, c.Base.SHA, Behind}} {
		yes, err := r.isAncestor(ctx, string(question.ancestor), string(question.descendant))
		if err != nil {
			return c, err
		}
		if yes {
			c.Relation, c.Reason = question.answer, ""
			return c, nil
		}
	}
	c.Reason = "this clone is shallow"
	shallow, err := r.isShallow(ctx)
	if err == nil && !shallow {
		c.Relation, c.Reason = Diverged, ""
	}
	return c, err
}

// describe reads a commit by its id, which may be abbreviated; the zero Commit where the repository has none of this id,
// or several.
func (r repository) describe(ctx context.Context, id commitid.ID) (Commit, error) {
	found, err := r.showCommit(ctx, string(id)+"^{commit}")
	if _, refused := errors.AsType[*gitError](err); refused {
		_, absent := r.output(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", string(id)+"^{commit}")
		if _, refused := errors.AsType[*gitError](absent); refused {
			return Commit{}, nil // no such object
		}
	}
	if err != nil || !id.Abbreviates(found.SHA) { // a branch that is named like one
		return Commit{}, err
	}
	return found, nil
}

// isAncestor also holds for a commit and itself. In a shallow clone only yes is certain.
func (r repository) isAncestor(ctx context.Context, ancestor, descendant string) (bool, error) {
	_, err := r.output(ctx, "merge-base", "--is-ancestor", ancestor, descendant)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 {
		return false, nil
	}
	return err == nil, err
}
