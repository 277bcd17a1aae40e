package bare

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Modes of tree entries, as git prints them.
const (
	FileMode       = "100644"
	ExecutableMode = "100755"
	LinkMode       = "120000"
	SubmoduleMode  = "160000"
	TreeMode       = "040000"
)

// Entry is one line of a tree. In a listing Path is relative to the listed tree.
type Entry struct {
	Mode string // six digits
	Path string
	OID  string
}

// Type is the type of the object that the entry names.
func (e Entry) Type() string {
	switch e.Mode {
	case TreeMode:
		return TreeType
	case SubmoduleMode:
		return CommitType
	}
	return BlobType
}

// Change sets one path of a tree: to a blob, link, submodule or whole tree, or to nothing where OID is empty.
type Change struct {
	Mode string
	Path string
	OID  string
}

// Tree lists the tree that a revision names (a tree, a commit, "commit:dir"), one level or all of it. A recursive
// listing has directories before their content, as GitHub gives it.
func (r *Repository) Tree(rev string, recursive bool) (oid string, entries []Entry, err error) {
	o, err := r.Object(rev)
	if err == nil && o.Type != TreeType {
		o, err = r.typed(o.OID, TreeType)
	}
	if err != nil {
		return "", nil, fmt.Errorf("reading tree %q: %w", rev, err)
	}
	entries, err = parseTree(o.Data)
	if err != nil || !recursive {
		return o.OID, entries, err
	}
	var all []Entry
	for _, entry := range entries {
		all = append(all, entry)
		if entry.Mode != TreeMode {
			continue
		}
		_, below, err := r.Tree(entry.OID, true)
		if err != nil {
			return "", nil, err
		}
		for _, b := range below {
			b.Path = entry.Path + "/" + b.Path
			all = append(all, b)
		}
	}
	return o.OID, all, nil
}

// parseTree decodes a tree object: mode, blank, name, NUL, 20 bytes of id, again and again.
func parseTree(data []byte) ([]Entry, error) {
	var entries []Entry
	for len(data) > 0 {
		head, rest, found := bytes.Cut(data, []byte{0})
		if !found || len(rest) < 20 {
			return nil, errors.New("parsing tree: truncated entry")
		}
		mode, name, _ := strings.Cut(string(head), " ")
		entries = append(entries, Entry{Mode: fmt.Sprintf("%06s", mode), Path: name, OID: hex.EncodeToString(rest[:20])})
		data = rest[20:]
	}
	return entries, nil
}

// Lookup finds the entry at a path below a revision, ErrMissing where there is none.
func (r *Repository) Lookup(rev, path string) (Entry, error) {
	dir, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		dir, name = path[:i], path[i+1:]
	}
	_, entries, err := r.Tree(rev+":"+dir, false)
	if err != nil {
		return Entry{}, fmt.Errorf("looking up %q: %w", path, ErrMissing)
	}
	for _, entry := range entries {
		if entry.Path == name {
			return Entry{Mode: entry.Mode, Path: path, OID: entry.OID}, nil
		}
	}
	return Entry{}, fmt.Errorf("looking up %q: %w", path, ErrMissing)
}

// WriteTree applies changes to the tree that base names (empty: to nothing) in a private index and gives the new tree.
func (r *Repository) WriteTree(ctx context.Context, base string, changes []Change) (string, error) {
	scratch, err := os.MkdirTemp("", "tree-")
	if err != nil {
		return "", fmt.Errorf("writing tree: %w", err)
	}
	defer os.RemoveAll(scratch)
	index := []string{"GIT_INDEX_FILE=" + filepath.Join(scratch, "index")}
	if base != "" {
		if _, err := r.git(ctx, nil, index, "read-tree", base); err != nil {
			return "", fmt.Errorf("writing tree: %w", err)
		}
	}
	lines, err := r.indexInfo(ctx, base, changes)
	if err != nil {
		return "", err
	}
	if _, err := r.git(ctx, lines, index, "update-index", "--replace", "-z", "--index-info"); err != nil {
		return "", fmt.Errorf("writing tree: %w", err)
	}
	out, err := r.git(ctx, nil, index, "write-tree")
	if err != nil {
		return "", fmt.Errorf("writing tree: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// indexInfo renders changes for git update-index --index-info. The index holds files only, so that setting or deleting
// a directory becomes one line per file below it.
func (r *Repository) indexInfo(ctx context.Context, base string, changes []Change) ([]byte, error) {
	var b bytes.Buffer
	line := func(mode, oid, path string) { fmt.Fprintf(&b, "%s %s\t%s\x00", mode, oid, path) }
	for _, c := range changes {
		if base != "" && (c.OID == "" || c.Mode == TreeMode) {
			line("0", Zero, c.Path)
			_, below, err := r.Tree(base+":"+c.Path, true)
			if err != nil && !errors.Is(err, ErrMissing) {
				return nil, fmt.Errorf("writing tree: %w", err)
			}
			for _, e := range below {
				line("0", Zero, c.Path+"/"+e.Path)
			}
		}
		switch {
		case c.OID == "":
		case c.Mode == TreeMode:
			_, below, err := r.Tree(c.OID, true)
			if err != nil {
				return nil, fmt.Errorf("writing tree: %w", err)
			}
			for _, e := range below {
				if e.Mode != TreeMode {
					line(e.Mode, e.OID, c.Path+"/"+e.Path)
				}
			}
		default:
			line(c.Mode, c.OID, c.Path)
		}
	}
	return b.Bytes(), ctx.Err()
}
