package bare

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// Resolve returns the object id that a full reference name points to, ErrMissing where there is none.
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
	out, err := r.git(ctx, nil, "for-each-ref", "--format=%(objectname) %(refname)")
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
	if from != Zero && to != Zero {
		return swapRef(r, name, from, to)
	}
	args := []string{"update-ref", name, to, from}
	if to == Zero {
		args = []string{"update-ref", "-d", name, from}
	}
	_, err := r.git(ctx, nil, args...)
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

// swapRef moves a reference that exists by git's own protocol, without the time of a process: the lock is a file that only one
// writer can create (gitrepository-layout(5), api-lockfile), and becomes the reference by its renaming.
func swapRef(r *Repository, name, from, to string) error {
	path := filepath.Join(r.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { // the reference may be in packed-refs only
		return fmt.Errorf("moving %q: %w", name, err)
	}
	lock, err := os.OpenFile(path+".lock", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("moving %q: %w", name, ErrStale) // its holder is about to move the reference
	}
	if err != nil {
		return fmt.Errorf("moving %q: %w", name, err)
	}
	current, err := r.Resolve(name)
	if err == nil && current != from {
		err = ErrStale
	}
	if err == nil {
		_, err = lock.WriteString(to + "\n")
	}
	if closing := lock.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(lock.Name(), path)
	}
	if err != nil {
		_ = os.Remove(lock.Name())
		return fmt.Errorf("moving %q: %w", name, err)
	}
	return nil
}

// CheckName reports whether git accepts a full reference name (git-check-ref-format(1)).
func (r *Repository) CheckName(ctx context.Context, name string) bool {
	_, err := r.git(ctx, nil, "check-ref-format", name)
	return err == nil
}
