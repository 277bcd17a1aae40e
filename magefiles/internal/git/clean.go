package git

import (
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// shownPaths is the number of changed paths that an error lists; it counts the others.
const shownPaths = 20

// RequireClean refuses a tree that differs from its commit: what is published under a commit's name must be that commit.
// what is the command that needs it, such as "push".
func (c Commit) RequireClean(what string) error {
	if !c.IsDirty() {
		return nil
	}
	listed := c.Dirty[:min(shownPaths, len(c.Dirty))]
	text := "  " + strings.Join(listed, "\n  ")
	if more := len(c.Dirty) - len(listed); more > 0 {
		text += fmt.Sprintf("\n  … and %d more", more)
	}
	return problem.New(problem.Refused, "commit or stash these, or add them to .gitignore; `mage build` works on a changed tree",
		"refusing to %s: the working tree differs from commit %s\n%s", what, c.SHA.Short(), text)
}
