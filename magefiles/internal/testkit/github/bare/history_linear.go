package bare

import "strings"

// linearHistory is History of a line of commits without merges, where a commit is of a path's history if the path is not what it
// is in the parent. It costs no process. False means that git has to decide: at a merge, or where dates select.
func linearHistory(r *Repository, start string, w Walk) (ids []string, ok bool, err error) {
	if !w.Since.IsZero() || !w.Until.IsZero() {
		return nil, false, nil
	}
	commit, err := r.Commit(start)
	here := entryAt(r, commit.Tree, w.Path)
	for err == nil && (w.Limit == 0 || len(ids) < w.Skip+w.Limit) {
		if len(commit.Parents) > 1 {
			return nil, false, nil
		}
		var parent Commit
		var before Entry
		if len(commit.Parents) == 1 {
			if parent, err = r.Commit(commit.Parents[0]); err != nil {
				break
			}
			before = entryAt(r, parent.Tree, w.Path)
		}
		if w.Path == "" || here != before {
			ids = append(ids, commit.OID)
		}
		if parent.OID == "" {
			break
		}
		commit, here = parent, before
	}
	return ids[min(w.Skip, len(ids)):], true, err
}

// entryAt returns a tree's entry at a path, the zero Entry where there is none.
func entryAt(r *Repository, tree, path string) Entry {
	if path == "" {
		return Entry{}
	}
	name, below, deeper := strings.Cut(path, "/")
	_, entries, err := r.Tree(tree, false)
	if err != nil {
		return Entry{}
	}
	for _, entry := range entries {
		if entry.Path != name {
			continue
		}
		if !deeper {
			return entry
		}
		if entry.Mode == TreeMode {
			return entryAt(r, entry.OID, below)
		}
	}
	return Entry{}
}
