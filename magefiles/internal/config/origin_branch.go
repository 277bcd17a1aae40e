package config

import "slices"

// OriginBranch is the branch of the application that an environment's images are built from: the first that its `branches`
// name without a wildcard, or current where one of them matches it; of an environment without branches that of the one it is
// promoted from. It is current, the branch that is checked out, where the file does not tell.
func (c *Config) OriginBranch(e *Environment, current string) string {
	for ; e != nil; e = c.named(e.From) { // Load refuses circles
		if current != "" && e.matching(Ref{Branch: current}) != "" {
			return current
		}
		if i := slices.IndexFunc(e.Branches, func(glob string) bool { return !wildcard.MatchString(glob) }); i >= 0 {
			return e.Branches[i]
		}
	}
	return current
}
