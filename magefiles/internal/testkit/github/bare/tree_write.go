package bare

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// WriteTree applies changes to the tree that base names (empty: to nothing) and gives the new tree. As in git's index, a
// file may take the place of a directory and the other way round, and a directory that has become empty is gone.
func (r *Repository) WriteTree(ctx context.Context, base string, changes []Change) (string, error) {
	root, err := readDirectory(r, base)
	if err != nil {
		return "", fmt.Errorf("writing tree: %w", err)
	}
	for _, c := range changes {
		if err := setEntry(r, root, c.Path, c); err != nil {
			return "", fmt.Errorf("writing tree: %w", err)
		}
	}
	oid, err := writeDirectory(ctx, r, root)
	if err != nil {
		return "", fmt.Errorf("writing tree: %w", err)
	}
	return oid, nil
}

// directory is one level of a tree that is being changed.
type directory struct {
	entries map[string]Entry      // by name
	changed map[string]*directory // by name, in place of their entries
}

// readDirectory reads the level that a revision names; none for an empty one.
func readDirectory(r *Repository, rev string) (*directory, error) {
	d := &directory{entries: map[string]Entry{}, changed: map[string]*directory{}}
	if rev == "" {
		return d, nil
	}
	_, entries, err := r.Tree(rev, false)
	for _, entry := range entries {
		d.entries[entry.Path] = entry
	}
	return d, err
}

// setEntry applies one change at a path below d.
func setEntry(r *Repository, d *directory, path string, c Change) error {
	name, below, deeper := strings.Cut(path, "/")
	if !deeper {
		delete(d.changed, name)
		delete(d.entries, name)
		if c.OID != "" {
			d.entries[name] = Entry{Mode: c.Mode, Path: name, OID: c.OID}
		}
		return nil
	}
	child := d.changed[name]
	if child == nil {
		entry := d.entries[name]
		if entry.Mode != TreeMode {
			if c.OID == "" {
				return nil // nothing is below a file
			}
			entry.OID = ""
		}
		var err error
		if child, err = readDirectory(r, entry.OID); err != nil {
			return err
		}
		d.changed[name] = child
	}
	return setEntry(r, child, below, c)
}

// writeDirectory stores a level and those below it.
func writeDirectory(ctx context.Context, r *Repository, d *directory) (string, error) {
	for name, child := range d.changed {
		delete(d.entries, name)
		if len(child.entries)+len(child.changed) == 0 {
			continue
		}
		oid, err := writeDirectory(ctx, r, child)
		if err != nil {
			return "", err
		}
		if oid != EmptyTree {
			d.entries[name] = Entry{Mode: TreeMode, Path: name, OID: oid}
		}
	}
	var b bytes.Buffer
	for _, entry := range slices.SortedFunc(maps.Values(d.entries), inTreeOrder) {
		id, err := hex.DecodeString(entry.OID)
		if err != nil {
			return "", fmt.Errorf("writing %q: %w", entry.Path, err)
		}
		fmt.Fprintf(&b, "%s %s\x00%s", strings.TrimLeft(entry.Mode, "0"), entry.Path, id)
	}
	return writeObject(ctx, r, TreeType, b.Bytes())
}

// inTreeOrder compares names as git does, for which a directory's ends in a slash.
func inTreeOrder(a, b Entry) int {
	key := func(e Entry) string {
		if e.Mode == TreeMode {
			return e.Path + "/"
		}
		return e.Path
	}
	return cmp.Compare(key(a), key(b))
}
