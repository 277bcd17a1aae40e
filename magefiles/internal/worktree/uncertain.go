package worktree

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Finding is something that builds get and that need not be what the commit has there, although git calls the tree clean.
type Finding struct {
	Path   string // slash-separated, relative to the root as far as it is below it
	Reason string
	Remedy string
	Told   bool // git tells of it, too
}

// The findings. What a workflow has to do stands beside the command.
const (
	reasonSubmodule = "its submodule is not checked out"
	remedySubmodule = "git submodule update --init --recursive (in a workflow, actions/checkout: submodules: recursive)"
	reasonSkipped   = "git was told to leave it out of the working tree (skip-worktree)"
	remedySkipped   = "git sparse-checkout disable, or git update-index --no-skip-worktree " +
		"(in a workflow, actions/checkout: no sparse-checkout)"
	reasonUnchanged = "git was told not to look whether it differs (assume-unchanged)"
	remedyUnchanged = "git update-index --no-assume-unchanged"
	reasonPointer   = "it is a pointer of Git LFS in the place of the file"
	remedyPointer   = "git lfs pull (in a workflow, actions/checkout: lfs: true)"
	reasonFlattened = "it is a link in the commit, and a file with the link's target as its text here (core.symlinks=false)"
	remedyFlattened = "git config core.symlinks true && rm FILE && git checkout -- FILE (on Windows: with developer mode on)"
	reasonOutside   = "it is a build context outside of the repository, of which no commit has the files"
	remedyOutside   = "put the files into the repository, or into a submodule of it"
)

// mostFindings is the maximum number of findings named.
const mostFindings = 20

// Uncertain returns what is not known to be the commit's in the files that builds asked for from directories, through the filters
// that they asked with, as far as such snapshots were taken; of the whole directory otherwise. No dirs: all that snapshots were
// taken of.
func (t *Tree) Uncertain(ctx context.Context, dirs []string) ([]Finding, error) {
	state := t.currentState()
	if dirs == nil {
		dirs = state.takenDirs()
	}
	if len(dirs) == 0 {
		return nil, nil
	}
	index, err := state.index()
	if err != nil {
		return nil, err
	}
	var all []Finding
	var about []dirQuestion
	for _, dir := range dirs {
		top, err := state.directoryNode(t.absoluteDir(dir), t.shared.sums)
		if err != nil {
			continue // no build gets anything from there
		}
		q := dirQuestion{
			dir: t.displayName(t.absoluteDir(dir)), top: top,
			below: index.subtree(top.absolutePath()), snapshots: t.snapshotsOf(dir),
		}
		found, err := q.findIn(ctx)
		if err != nil {
			return nil, err
		}
		all, about = append(all, found...), append(about, q)
	}
	found, err := findConverted(ctx, index, about)
	if err != nil {
		return nil, err
	}
	all = append(all, found...)
	slices.SortFunc(all, func(a, b Finding) int { return cmp.Compare(a.Path, b.Path) })
	all = slices.CompactFunc(all, func(a, b Finding) bool { return a.Path == b.Path })
	return all, nil
}

// takenDirs returns the directories that snapshots were taken of.
func (s *readState) takenDirs() (dirs []string) {
	for _, taken := range s.takenSnapshots() {
		dirs = append(dirs, taken.dir)
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// RequireCertain refuses what Uncertain has found. what is the command that needs it, such as "push".
func RequireCertain(what string, found []Finding) error {
	if len(found) == 0 {
		return nil
	}
	text, remedies := "", []string{}
	for _, f := range found[:min(len(found), mostFindings)] {
		text += "\n  " + f.Path + ": " + f.Reason
		if !slices.Contains(remedies, f.Remedy) {
			remedies = append(remedies, f.Remedy)
		}
	}
	if more := len(found) - mostFindings; more > 0 {
		text += fmt.Sprintf("\n  … and %d more", more)
	}
	return problem.New(problem.Refused, strings.Join(remedies, "\n"),
		"refusing to %s: cannot verify that these files match the commit%s", what, text)
}

// dirQuestion is about one directory.
type dirQuestion struct {
	dir       string // for people
	top       *node
	below     indexPart
	snapshots []*Snapshot // none: all files are served
}

func (q dirQuestion) findIn(ctx context.Context) ([]Finding, error) {
	if !q.below.inside {
		if q.below.top == "" {
			return nil, nil // in no repository, where nothing is published
		}
		return []Finding{{Path: q.dir, Reason: reasonOutside, Remedy: remedyOutside}}, nil
	}
	found := q.enclosingSubmodule()
	flagged := q.below.matchingFiles(func(f git.Indexed) bool {
		return f.Skipped || f.Unchanged || f.Mode == git.ModeSubmodule && !f.CheckedOut
	})
	for _, file := range flagged {
		served, err := isServed(ctx, file, q.snapshots)
		if err != nil {
			return nil, err
		}
		if served {
			found = append(found, indexFinding(path.Join(q.dir, file.Path), file))
		}
	}
	flattened, err := q.flattenedLinks(ctx)
	if err != nil {
		return nil, err
	}
	pointers, err := q.lfsPointers(ctx)
	return slices.Concat(found, flattened, pointers), err
}

// flattenedLinks finds links of the commit that are files here, which git calls the same where core.symlinks is false.
func (q dirQuestion) flattenedLinks(ctx context.Context) (found []Finding, err error) {
	for _, file := range q.below.matchingFiles(func(f git.Indexed) bool { return f.Mode == git.ModeLink }) {
		n := q.top.descend(filepath.FromSlash(file.Path))
		if n == nil || !n.stat.Mode.IsRegular() {
			continue
		}
		served, err := isServed(ctx, file, q.snapshots)
		if err != nil {
			return nil, err
		}
		if served {
			found = append(found, Finding{Path: path.Join(q.dir, file.Path), Reason: reasonFlattened, Remedy: remedyFlattened})
		}
	}
	return found, nil
}

// enclosingSubmodule finds a directory that is, or is in, a submodule that is not checked out.
func (q dirQuestion) enclosingSubmodule() []Finding {
	for dir := strings.TrimSuffix(q.below.prefix, "/"); dir != "" && dir != "."; dir = path.Dir(dir) {
		if file, found := q.below.files[dir]; found && file.Mode == git.ModeSubmodule && !file.CheckedOut {
			return []Finding{indexFinding(q.dir, file)}
		}
	}
	return nil
}

func indexFinding(name string, file git.Indexed) Finding {
	switch {
	case file.Mode == git.ModeSubmodule && !file.CheckedOut:
		return Finding{Path: name, Reason: reasonSubmodule, Remedy: remedySubmodule}
	case file.Skipped:
		return Finding{Path: name, Reason: reasonSkipped, Remedy: remedySkipped}
	}
	return Finding{Path: name, Reason: reasonUnchanged, Remedy: remedyUnchanged}
}

// lfsPointers finds files that Git LFS would have replaced. A file that only looks like a pointer is the commit's own content.
func (q dirQuestion) lfsPointers(ctx context.Context) ([]Finding, error) {
	names := map[string][]string{} // by absolute directory
	paths := map[string]string{}
	for _, s := range q.snapshots {
		for _, it := range s.items {
			if it.content.Pointer && len(names) < mostFindings {
				dir, name := filepath.Split(it.node.absolutePath())
				names[dir] = append(names[dir], name)
				paths[dir+name] = path.Join(q.dir, it.stat.Path)
			}
		}
	}
	var found []Finding
	for dir, names := range names {
		filters, err := git.Attribute(ctx, dir, "filter", names)
		if err != nil {
			return nil, err
		}
		for name, filter := range filters {
			if filter == "lfs" {
				found = append(found, Finding{Path: paths[dir+name], Reason: reasonPointer, Remedy: remedyPointer})
			}
		}
	}
	return found, nil
}
