package bare

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
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
		o, err = typedObject(r, o.OID, TreeType)
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
