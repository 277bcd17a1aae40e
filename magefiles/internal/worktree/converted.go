package worktree

import (
	"context"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

const (
	attributesFile  = ".gitattributes"
	reasonConverted = "git takes it for the commit's, but a checkout writes other bytes (by .gitattributes or core.autocrlf)"
	remedyConverted = "rm FILE && git checkout -- FILE, or for all files: git rm -r --quiet --cached . && git reset --hard"
)

// converted finds the tracked files with other bytes than a checkout would write, which git does not see where it undoes what
// the checkout does: ends of lines, filters, idents and encodings. Nor does it see carriage returns of a checkout that converted,
// once nothing converts any more: what it compares is the time of the file.
type converted struct {
	index    index
	converts bool                   // git converts something
	files    map[string]trackedFile // by path in the index
}

// trackedFile is a file of the index that is there.
type trackedFile struct {
	node   *node
	name   string // for people
	served bool   // it was read
}

// findConverted finds them in what questions are about.
func findConverted(ctx context.Context, x index, about []question) ([]Finding, error) {
	c := converted{index: x, files: map[string]trackedFile{}}
	if x.top == "" {
		return nil, nil
	}
	c.converts = c.convert()
	for _, q := range about {
		c.add(q)
	}
	return c.find(ctx)
}

// convert reports whether git converts anything. Where nothing is set, no file need be asked for but those with carriage returns.
func (c *converted) convert() bool {
	if c.index.attributes || c.index.converts || c.attributes("") {
		return true
	}
	for dir := range c.index.dirs {
		if c.attributes(dir) {
			return true
		}
	}
	return false
}

// attributes reports whether a directory has a file of attributes, which git need not track.
func (c *converted) attributes(dir string) bool {
	_, err := os.Lstat(filepath.Join(c.absolute(dir), attributesFile))
	return err == nil
}

// add takes the tracked files that a question is about.
func (c *converted) add(q question) {
	take := func(n *node, name string, served bool) {
		file, tracked := q.below.file(name)
		if tracked && !file.Skipped && !file.Unchanged && n != nil && n.stat.mode.IsRegular() {
			c.files[file.Path] = trackedFile{node: n, name: path.Join(q.dir, name), served: served}
		}
	}
	for _, s := range q.snapshots {
		for _, it := range s.items {
			if c.converts || it.content.returns {
				take(it.node, it.stat.Path, true)
			}
		}
	}
	if len(q.snapshots) == 0 && c.converts {
		for _, file := range q.below.listed(func(source.Indexed) bool { return true }) {
			take(q.top.descend(filepath.FromSlash(file.Path)), file.Path, false)
		}
	}
}

// find asks git, once for each repository.
func (c *converted) find(ctx context.Context) (found []Finding, err error) {
	repositories := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		top := c.repository(name)
		repositories[top] = append(repositories[top], c.within(top, name))
	}
	for top, names := range repositories {
		conversions := map[string]source.Conversion{}
		if c.converts {
			if conversions, err = source.Conversions(ctx, c.absolute(top), names); err != nil {
				return nil, err
			}
		}
		differing, err := c.differing(ctx, top, conversions)
		if err != nil {
			return nil, err
		}
		kept, err := c.kept(ctx, top, names, conversions)
		if err != nil {
			return nil, err
		}
		found = append(append(found, differing...), kept...)
	}
	return found, nil
}

// differing compares the files that a repository converts.
func (c *converted) differing(ctx context.Context, top string, conversions map[string]source.Conversion) (found []Finding, err error) {
	var open opener
	defer open.close()
	var doubtful []source.Sized
	for _, name := range slices.Sorted(maps.Keys(conversions)) {
		file := c.files[path.Join(top, name)]
		content, err := file.node.hash(&open)
		switch kind := conversions[name]; {
		case err != nil:
			return nil, &fileError{path: file.name, err: err}
		case kind == source.ConvertsLFS && content.pointer:
			found = append(found, Finding{Path: file.name, Reason: reasonPointer, Remedy: remedyPointer})
		case kind == source.ConvertsBytes, kind == source.ConvertsLines && content.returns:
			doubtful = append(doubtful, source.Sized{Path: name, Size: content.size})
		}
	}
	if len(doubtful) == 0 {
		return found, nil
	}
	written, err := source.Written(ctx, c.absolute(top), doubtful)
	for _, file := range doubtful {
		if known := c.files[path.Join(top, file.Path)]; err == nil && written[file.Path] != known.node.content.sum {
			found = append(found, Finding{Path: known.name, Reason: reasonConverted, Remedy: remedyConverted})
		}
	}
	return found, err
}

// kept finds the files with carriage returns that a repository does not convert and that are not as long as the commit's.
func (c *converted) kept(ctx context.Context, top string, names []string, conversions map[string]source.Conversion) (found []Finding, err error) {
	names = slices.DeleteFunc(names, func(name string) bool {
		file := c.files[path.Join(top, name)]
		return conversions[name] != 0 || !file.served || !file.node.content.returns
	})
	if len(names) == 0 {
		return nil, nil
	}
	sizes, err := source.Sizes(ctx, c.absolute(top), names)
	for _, name := range names {
		if file := c.files[path.Join(top, name)]; err == nil && sizes[name] != file.node.content.size {
			found = append(found, Finding{Path: file.name, Reason: reasonConverted, Remedy: remedyConverted})
		}
	}
	return found, err
}

// repository returns the path of the repository that a file of the index is in; "" is the outermost one.
func (c *converted) repository(name string) string {
	if len(c.index.submodules) == 0 {
		return ""
	}
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if c.index.files[dir].Mode == source.ModeSubmodule {
			return dir
		}
	}
	return ""
}

func (c *converted) within(top, name string) string {
	if top == "" {
		return name
	}
	return name[len(top)+1:]
}

func (c *converted) absolute(top string) string {
	return filepath.Join(c.index.top, filepath.FromSlash(top))
}
