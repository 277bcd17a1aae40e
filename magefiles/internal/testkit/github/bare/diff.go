package bare

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// FileChange is one file that differs between two trees.
type FileChange struct {
	Path      string
	Status    string // git's letter: A, M, D, T
	OID       string // blob after the change; Zero when deleted
	Additions int
	Deletions int
}

// Diff lists the files that differ between two trees or commits, without rename detection.
func (r *Repository) Diff(ctx context.Context, from, to string) ([]FileChange, error) {
	raw, err := r.git(ctx, nil, "diff-tree", "-r", "-z", "--no-renames", "--raw", "--full-index", "--no-abbrev", from, to)
	if err != nil {
		return nil, fmt.Errorf("comparing trees: %w", err)
	}
	counts, err := r.git(ctx, nil, "diff-tree", "-r", "-z", "--no-renames", "--numstat", from, to)
	if err != nil {
		return nil, fmt.Errorf("comparing trees: %w", err)
	}
	lines := map[string][2]int{}
	for record := range strings.SplitSeq(strings.TrimSuffix(string(counts), "\x00"), "\x00") {
		fields := strings.SplitN(record, "\t", 3)
		if len(fields) == 3 { // a binary file has "-", which counts as none
			added, _ := strconv.Atoi(fields[0])
			deleted, _ := strconv.Atoi(fields[1])
			lines[fields[2]] = [2]int{added, deleted}
		}
	}
	var changes []FileChange
	records := strings.Split(strings.TrimSuffix(string(raw), "\x00"), "\x00")
	for i := 0; i+1 < len(records); i += 2 { // ":oldmode newmode oldid newid status" NUL path NUL
		fields := strings.Fields(records[i])
		if len(fields) != 5 {
			return nil, fmt.Errorf("comparing trees: unexpected record %q", records[i])
		}
		path := records[i+1]
		changes = append(changes, FileChange{
			Path: path, Status: fields[4], OID: fields[3], Additions: lines[path][0], Deletions: lines[path][1],
		})
	}
	return changes, nil
}

// EmptyTree is the id of the tree without entries, which git knows without storing it: what a root commit is compared to.
const EmptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
