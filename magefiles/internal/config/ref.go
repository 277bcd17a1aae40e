package config

import (
	"fmt"
	"slices"
)

// Ref is what a workflow runs for, or what is checked out: a branch or a tag, by its short name. Both are empty on a commit that
// nothing names. A tag may be named like a branch, and is none.
type Ref struct{ Branch, Tag string }

// String is for messages.
func (r Ref) String() string {
	switch {
	case r.Branch != "":
		return fmt.Sprintf("branch %q", r.Branch)
	case r.Tag != "":
		return fmt.Sprintf("tag %q", r.Tag)
	}
	return "no branch or tag"
}

// NamesRefs reports whether the environment says which branches or tags deploy to it.
func (e Environment) NamesRefs() bool { return len(e.Branches)+len(e.Tags) > 0 }

// Admits reports whether a ref deploys to the environment, and known whether anything says so: its own `branches` and `tags`,
// or, where it names none, those of the environment that it is promoted from.
func (c *Config) Admits(e *Environment, ref Ref) (admitted, known bool) {
	for range c.Environments { // promotions go in no circle
		switch {
		case e == nil:
			return false, false
		case e.NamesRefs():
			return e.matching(ref) != "", true
		case e.From == "":
			return false, false
		}
		e = c.named(e.From)
	}
	return false, false
}

// matching is the first of the environment's globs that matches a ref of its kind, "" if none does.
func (e Environment) matching(ref Ref) string {
	globs, name := e.Branches, ref.Branch
	if ref.Tag != "" {
		globs, name = e.Tags, ref.Tag
	}
	if i := slices.IndexFunc(globs, func(glob string) bool { return name != "" && matchGlob(glob, name) }); i >= 0 {
		return globs[i]
	}
	return ""
}
