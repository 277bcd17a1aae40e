package bare

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Walk selects commits of a history.
type Walk struct {
	From  string // revision to start at
	Path  string // only commits that change this file or directory; empty is all
	Skip  int
	Limit int // zero is no limit
	Since time.Time
	Until time.Time
}

// History returns the ids of the commits that a Walk selects, newest first.
func (r *Repository) History(ctx context.Context, w Walk) ([]string, error) {
	start, err := typedObject(r, w.From, CommitType)
	if err != nil {
		return nil, err
	}
	if ids, ok, err := linearHistory(r, start.OID, w); ok || err != nil {
		return ids, err
	}
	args := []string{"rev-list", "--skip=" + strconv.Itoa(w.Skip)}
	if w.Limit > 0 {
		args = append(args, "--max-count="+strconv.Itoa(w.Limit))
	}
	if !w.Since.IsZero() {
		args = append(args, "--since="+w.Since.Format(time.RFC3339))
	}
	if !w.Until.IsZero() {
		args = append(args, "--until="+w.Until.Format(time.RFC3339))
	}
	args = append(args, start.OID, "--")
	if w.Path != "" {
		args = append(args, w.Path)
	}
	out, err := r.git(ctx, nil, args...)
	if err != nil {
		return nil, fmt.Errorf("reading history of %q: %w", w.From, err)
	}
	return strings.Fields(string(out)), nil
}

// Between lists the commits that head has and base lacks, oldest first.
func (r *Repository) Between(ctx context.Context, base, head string) ([]string, error) {
	out, err := r.git(ctx, nil, "rev-list", "--reverse", "--topo-order", head, "^"+base, "--")
	if err != nil {
		return nil, fmt.Errorf("comparing %q and %q: %w", base, head, err)
	}
	return strings.Fields(string(out)), nil
}

// MergeBase returns the best common ancestor of two commits, ErrMissing where their histories share none.
func (r *Repository) MergeBase(ctx context.Context, a, b string) (string, error) {
	out, err := r.git(ctx, nil, "merge-base", a, b)
	if err != nil {
		if exitCode(err) == 1 {
			return "", fmt.Errorf("finding common ancestor of %q and %q: %w", a, b, ErrMissing)
		}
		return "", fmt.Errorf("finding common ancestor of %q and %q: %w", a, b, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// IsAncestor reports whether a is b or one of its ancestors.
func (r *Repository) IsAncestor(ctx context.Context, a, b string) (bool, error) {
	if commit, err := r.Commit(b); err == nil && slices.Contains(commit.Parents, a) {
		return true, nil // the usual case, without a process
	}
	_, err := r.git(ctx, nil, "merge-base", "--is-ancestor", a, b)
	if err != nil && exitCode(err) != 1 {
		return false, fmt.Errorf("comparing %q and %q: %w", a, b, err)
	}
	return err == nil, nil
}
