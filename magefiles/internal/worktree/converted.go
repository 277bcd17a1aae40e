package worktree

import (
	"context"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	fstypes "github.com/tonistiigi/fsutil/types"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

const (
	attributesFile  = ".gitattributes"
	reasonConverted = "git takes it for the commit's, but a checkout writes other bytes " +
		"(by .gitattributes or a setting, of now or of before)"
	remedyConverted = "rm FILE && git checkout -- FILE, or for all files: git rm -r --quiet --cached . && git reset --hard"
	reasonModified  = "it differs from the commit's"
	remedyModified  = "commit or stash it"
)

// conversionCheck finds the tracked files with other bytes than a checkout would write. git does not see them where it undoes what the
// checkout does: ends of lines, filters, idents and encodings. Nor does it see what a checkout has converted once nothing, or
// something else, converts: what it compares is the time of the file.
type conversionCheck struct {
	index    gitIndex
	converts bool                   // git converts something
	files    map[string]trackedFile // by path in the index
	open     fileOpener
}

// trackedFile is a file of the index that is there.
type trackedFile struct {
	node   *node
	name   string // for people
	object string // that the index has
}

// findConverted finds them in what questions are about.
func findConverted(ctx context.Context, x gitIndex, about []dirQuestion) ([]Finding, error) {
	c := conversionCheck{index: x, files: map[string]trackedFile{}}
	if x.top == "" {
		return nil, nil
	}
	defer c.open.close()
	c.converts = c.convertsFiles()
	for _, q := range about {
		if err := c.addTracked(ctx, q); err != nil {
			return nil, err
		}
	}
	return c.findFiles(ctx)
}

// convertsFiles reports whether git converts anything. Where nothing is set, it need not be asked for files with the commit's bytes.
func (c *conversionCheck) convertsFiles() bool {
	if c.index.attributes || c.index.converts || c.hasAttributes("") {
		return true
	}
	for dir := range c.index.dirs {
		if c.hasAttributes(dir) {
			return true
		}
	}
	return false
}

// hasAttributes reports whether a directory has a file of attributes, which git need not track.
func (c *conversionCheck) hasAttributes(dir string) bool {
	_, err := os.Lstat(filepath.Join(c.absolutePath(dir), attributesFile))
	return err == nil
}

// addTracked takes the tracked files that a question is about: those that were served, or all.
func (c *conversionCheck) addTracked(ctx context.Context, q dirQuestion) error {
	for _, s := range q.snapshots {
		if err := c.checkItems(q, s.items); err != nil {
			return err
		}
	}
	if len(q.snapshots) > 0 {
		return nil
	}
	var items []snapshotItem
	for _, file := range q.below.matchingFiles(func(f git.Indexed) bool { return f.Mode != git.ModeSubmodule }) {
		if n := q.top.descend(filepath.FromSlash(file.Path)); n != nil && n.stat.Mode.IsRegular() {
			items = append(items, snapshotItem{stat: &fstypes.Stat{Path: file.Path}, node: n})
		}
	}
	if err := readAll(ctx, items); err != nil {
		return err
	}
	return c.checkItems(q, items)
}

func (c *conversionCheck) checkItems(q dirQuestion, items []snapshotItem) error {
	for _, it := range items {
		file, tracked := q.below.indexedFile(it.stat.Path)
		if !tracked || !it.isRegular() || file.Skipped || file.Unchanged {
			continue
		}
		if !c.converts {
			same, err := it.node.hasObject(file.Object, &c.open)
			if err != nil {
				return &fileError{path: path.Join(q.dir, it.stat.Path), err: err}
			}
			if same {
				continue
			}
		}
		c.files[file.Path] = trackedFile{node: it.node, name: path.Join(q.dir, it.stat.Path), object: file.Object}
	}
	return nil
}

// findFiles asks git, once for each repository.
func (c *conversionCheck) findFiles(ctx context.Context) (found []Finding, err error) {
	repositories := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		top := c.repositoryOf(name)
		repositories[top] = append(repositories[top], c.pathWithin(top, name))
	}
	for top, names := range repositories {
		conversions := map[string]git.Conversion{}
		if c.converts {
			if conversions, err = git.Conversions(ctx, c.absolutePath(top), names); err != nil {
				return nil, err
			}
		}
		differing, err := c.findDiffering(ctx, top, names, conversions)
		if err != nil {
			return nil, err
		}
		found = append(found, differing...)
	}
	return found, nil
}

// findDiffering compares files of a repository with the commit's objects, and where bytes are converted with what git would write.
func (c *conversionCheck) findDiffering(ctx context.Context, top string, names []string,
	conversions map[string]git.Conversion,
) (found []Finding, err error) {
	var doubtful []git.Sized
	for _, name := range names {
		file, kind := c.files[path.Join(top, name)], conversions[name]
		same, err := file.node.hasObject(file.object, &c.open)
		content := file.node.content
		switch {
		case err != nil:
			return nil, &fileError{path: file.name, err: err}
		case kind == git.ConvertsLFS && content.Pointer:
			found = append(found, Finding{Path: file.name, Reason: reasonPointer, Remedy: remedyPointer})
		case kind == git.ConvertsBytes, kind == git.ConvertsLFS && !same && !content.IsPointedBy(file.object):
			doubtful = append(doubtful, git.Sized{Path: name, Size: content.Size})
		case kind != git.ConvertsLFS && !same:
			found = append(found, file.differingFinding())
		}
	}
	otherwise, err := c.findOtherwiseWritten(ctx, top, doubtful)
	if err != nil {
		return nil, err
	}
	return c.markModified(ctx, top, append(found, otherwise...))
}

// markModified marks what git itself tells of: a file that is being edited must not be checked out again.
func (c *conversionCheck) markModified(ctx context.Context, top string, found []Finding) ([]Finding, error) {
	if len(found) == 0 {
		return nil, nil
	}
	modified, err := git.Modified(ctx, c.absolutePath(top))
	names := map[string]bool{}
	for _, name := range modified {
		if file, known := c.files[path.Join(top, name)]; known {
			names[file.name] = true
		}
	}
	for i, f := range found {
		if names[f.Path] && f.Reason == reasonConverted {
			found[i] = Finding{Path: f.Path, Reason: reasonModified, Remedy: remedyModified, Told: true}
		}
	}
	return found, err
}

// findOtherwiseWritten asks git what it would write in the place of files.
func (c *conversionCheck) findOtherwiseWritten(ctx context.Context, top string, files []git.Sized) (found []Finding, err error) {
	if len(files) == 0 {
		return nil, nil
	}
	written, err := git.Written(ctx, c.absolutePath(top), files)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if known := c.files[path.Join(top, file.Path)]; written[file.Path] != known.node.content.Sum {
			found = append(found, known.differingFinding())
		}
	}
	return found, nil
}

func (f trackedFile) differingFinding() Finding {
	return Finding{Path: f.name, Reason: reasonConverted, Remedy: remedyConverted}
}

// repositoryOf returns the path of the repository that a file of the index is in; "" is the outermost one.
func (c *conversionCheck) repositoryOf(name string) string {
	if len(c.index.submodules) == 0 {
		return ""
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if c.index.files[dir].Mode == git.ModeSubmodule {
			return dir
		}
	}
	return ""
}

func (c *conversionCheck) pathWithin(top, name string) string {
	if top == "" {
		return name
	}
	return name[len(top)+1:]
}

func (c *conversionCheck) absolutePath(top string) string {
	return filepath.Join(c.index.top, filepath.FromSlash(top))
}
