package source

import (
	"context"
	"errors"
	"os/exec"
	"strings"
)

// Relation is how one commit stands to another, in the words of GitHub's compare API.
type Relation string

// The relations. Unknown means that nobody could tell, mostly because one of the commits is in no reachable history.
const (
	Unknown   Relation = "unknown"
	Ahead     Relation = "ahead"     // descends from the other
	Identical Relation = "identical" // is the other
	Behind    Relation = "behind"    // is an ancestor of the other
	Diverged  Relation = "diverged"  // neither: another line of history
)

// Comparison is how a commit stands to Base.
type Comparison struct {
	Relation Relation
	Base     Commit // SHA whole, and Time, Author and Title, as far as they are known
	Reason   string // why the relation is Unknown
}

// Compare tells from the repository at root alone how head stands to base, which may be abbreviated to 8 digits or more.
// In a shallow clone what is missing cannot be told from what does not exist: then the relation is Unknown.
func Compare(ctx context.Context, root, base, head string) (Comparison, error) {
	git := repository{dir: root}
	c := Comparison{Relation: Unknown, Base: Commit{SHA: base}, Reason: "this clone has no such commit"}
	known, err := git.describe(ctx, base)
	if err != nil || known.SHA == "" {
		return c, err
	}
	c.Base = known
	if known.SHA == head {
		c.Relation = Identical
		return c, nil
	}
	for _, question := range []struct {
		ancestor, descendant string
		answer               Relation
	}{{known.SHA, head, Ahead}, {head, known.SHA, Behind}} {
		yes, err := git.isAncestor(ctx, question.ancestor, question.descendant)
		if err != nil {
			return c, err
		}
		if yes {
			c.Relation = question.answer
			return c, nil
		}
	}
	c.Reason = "this clone is shallow"
	shallow, err := git.output(ctx, "rev-parse", "--is-shallow-repository")
	if err == nil && shallow == "false" {
		c.Relation = Diverged
	}
	return c, err
}

// describe reads a commit by its id, which may be abbreviated; the zero Commit where the repository has none of this id,
// or several.
func (r repository) describe(ctx context.Context, id string) (Commit, error) {
	out, err := r.output(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", id+"^{commit}")
	if _, refused := errors.AsType[*gitError](err); refused || err == nil && !strings.HasPrefix(out, id) {
		return Commit{}, nil // no such object, or a branch that is named like one
	}
	if err != nil {
		return Commit{}, err
	}
	return r.show(ctx, out)
}

// isAncestor also holds for a commit and itself. In a shallow clone only yes is certain.
func (r repository) isAncestor(ctx context.Context, ancestor, descendant string) (bool, error) {
	_, err := r.output(ctx, "merge-base", "--is-ancestor", ancestor, descendant)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 {
		return false, nil
	}
	return err == nil, err
}
