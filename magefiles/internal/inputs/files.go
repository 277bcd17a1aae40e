package inputs

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// file notes one file under the name that the build sees.
func (c *collector) file(name string, f source.File) {
	if f.ID == "" {
		c.dontKnow("the submodule %s differs from its commit", f.Path)
	}
	c.add("file", name, f.Mode, f.ID)
}

// matching notes the files that the configuration's patterns name.
func (c *collector) matching(patterns []string) {
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		c.dontKnow("its `inputs` do not parse: %v", err)
		return
	}
	for _, f := range c.tree.Files {
		if matches, err := matcher.MatchesOrParentMatches(f.Path); err == nil && matches {
			c.file(f.Path, f)
		}
	}
}

// context notes the files of a directory that a .dockerignore leaves in it.
func (c *collector) context(dir string, ignore *patternmatcher.PatternMatcher) {
	for _, f := range c.tree.Files {
		name, below := within(dir, f.Path)
		if below && !matched(ignore, name) {
			c.file(name, f)
		}
	}
	for _, ignored := range c.tree.Ignored {
		name, below := within(dir, strings.TrimSuffix(ignored, "/"))
		if below && !covers(ignore, name, strings.HasSuffix(ignored, "/")) {
			c.dontKnow("its context has %s, which git ignores: leave it out by .dockerignore, or name what counts in `inputs`", ignored)
		}
	}
}

// contexts notes what the named contexts are.
func (c *collector) contexts(contexts map[string]string, covered bool) {
	for _, name := range slices.Sorted(maps.Keys(contexts)) {
		c.add("context", name+"="+contexts[name])
		image, isImage := strings.CutPrefix(contexts[name], config.ImageScheme)
		switch {
		case isImage:
			c.base(image)
		case covered:
			c.ignoreFile(path.Join(contexts[name], ignoreSuffix))
		default:
			c.context(contexts[name], nil)
		}
	}
}

// ignoreSuffix is the name of an ignore file, and what follows a Dockerfile's name in that of its own.
const ignoreSuffix = ".dockerignore"

// first reads the first of some files that is there.
func (c *collector) first(names ...string) (name string, data []byte, err error) {
	for _, name = range names {
		if data, err = c.read(name); err == nil {
			break
		}
	}
	return name, data, err
}

// ignoreFile notes the first of some ignore files that is there, where no list of files shows what it leaves out.
func (c *collector) ignoreFile(names ...string) {
	if name, data, err := c.first(names...); err == nil {
		c.add("ignore file", name, c.content(name, data))
	}
}

// ignored reads the ignore file that BuildKit's frontend would: the Dockerfile's own, else the context's.
func (c *collector) ignored(image plan.Image) *patternmatcher.PatternMatcher {
	_, data, err := c.first(image.Dockerfile+ignoreSuffix, path.Join(image.Context, ignoreSuffix))
	if err != nil {
		return nil
	}
	patterns, err := ignorefile.ReadAll(bytes.NewReader(data))
	if err != nil {
		return nil // the build refuses it
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil
	}
	return matcher
}

// within gives a path relative to a directory, and whether it is below.
func within(dir, name string) (string, bool) {
	if dir == "." {
		return name, true
	}
	return strings.CutPrefix(name, dir+"/")
}

func matched(matcher *patternmatcher.PatternMatcher, name string) bool {
	if matcher == nil {
		return false
	}
	matches, err := matcher.MatchesOrParentMatches(name)
	return err == nil && matches
}

// covers reports whether an ignore file leaves out a path with all below it. An exception (`!`) may take something below back
// in, so that no directory is covered for certain then.
func covers(matcher *patternmatcher.PatternMatcher, name string, dir bool) bool {
	return matched(matcher, name) && (!dir || !matcher.Exclusions())
}
