package config

import (
	"fmt"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
)

// Ref is the ref that a workflow runs for, or the checked-out one: a branch or a tag, by its short name. Both are empty on a commit without
// a name. A tag may have the name of a branch, and is not one.
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
			return e.matchingGlob(ref) != "", true
		case e.From == "":
			return false, false
		}
		e = c.environmentByName(e.From)
	}
	return false, false
}

// matchingGlob is the first of the environment's globs that matches a ref of its kind, "" if none does.
func (e Environment) matchingGlob(ref Ref) string {
	globs, name := e.Branches, ref.Branch
	if ref.Tag != "" {
		globs, name = e.Tags, ref.Tag
	}
	if i := slices.IndexFunc(globs, func(glob string) bool { return name != "" && grammar.MatchGlob(glob, name) }); i >= 0 {
		return globs[i]
	}
	return ""
}

// OriginBranch is the branch of the application that an environment's images are built from: the first that its `branches`
// name without a wildcard, or current where one of them matches it; of an environment without branches that of the one it is
// promoted from. It is current, the branch that is checked out, where the file does not tell.
func (c *Config) OriginBranch(e *Environment, current string) string {
	for ; e != nil; e = c.environmentByName(e.From) { // Load refuses circles
		if current != "" && e.matchingGlob(Ref{Branch: current}) != "" {
			return current
		}
		if i := slices.IndexFunc(e.Branches, func(glob string) bool { return !grammar.IsPattern(glob) }); i >= 0 {
			return e.Branches[i]
		}
	}
	return current
}
