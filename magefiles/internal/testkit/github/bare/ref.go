package bare

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Zero is the object id that stands for "no such reference" in a compare-and-swap.
const Zero = "0000000000000000000000000000000000000000"

// ErrStale says that a reference did not point where a compare-and-swap expected it.
var ErrStale = errors.New("reference has moved")

// Ref is a reference and the object it points to.
type Ref struct {
	Name string // full: refs/heads/main
	OID  string
}

// Resolve gives the object id that a full reference name points to, ErrMissing where there is none.
func (r *Repository) Resolve(name string) (string, error) {
	if !strings.HasPrefix(name, "refs/") || strings.ContainsAny(name, "^~:@{ ") {
		return "", fmt.Errorf("resolving %q: %w", name, ErrMissing)
	}
	o, err := r.Object(name)
	if err != nil {
		return "", fmt.Errorf("resolving %q: %w", name, err)
	}
	return o.OID, nil
}

// Refs lists the references below a prefix such as "refs/heads/", in git's order.
func (r *Repository) Refs(ctx context.Context, prefix string) ([]Ref, error) {
	out, err := r.git(ctx, nil, nil, "for-each-ref", "--format=%(objectname) %(refname)")
	if err != nil {
		return nil, fmt.Errorf("listing references: %w", err)
	}
	var refs []Ref
	for line := range strings.Lines(string(out)) {
		oid, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if strings.HasPrefix(name, prefix) {
			refs = append(refs, Ref{Name: name, OID: oid})
		}
	}
	return refs, nil
}

// Move points a reference from one object to another, atomically against every other writer of the directory: git's own
// compare-and-swap. Zero as from creates, Zero as to deletes. ErrStale says that from was not the current value.
func (r *Repository) Move(ctx context.Context, name, from, to string) error {
	args := []string{"update-ref", name, to, from}
	if to == Zero {
		args = []string{"update-ref", "-d", name, from}
	}
	_, err := r.git(ctx, nil, nil, args...)
	if err == nil {
		return nil
	}
	current, missing := r.Resolve(name)
	if errors.Is(missing, ErrMissing) {
		current = Zero
	}
	// A competitor that holds git's lock is about to move the reference: the same answer as having moved it already.
	if current != from || strings.Contains(err.Error(), ".lock") {
		return fmt.Errorf("moving %q: %w", name, ErrStale)
	}
	return fmt.Errorf("moving %q: %w", name, err)
}

// CheckName reports whether git accepts a full reference name (git-check-ref-format(1)).
func (r *Repository) CheckName(ctx context.Context, name string) bool {
	_, err := r.git(ctx, nil, nil, "check-ref-format", name)
	return err == nil
}
