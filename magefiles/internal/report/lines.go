package report

import (
	"fmt"
	"io"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// Lines writes the machine result of a run, for `tag=$(mage push)` and the like: repository:tag@digest a line for build
// and push, the sha of each commit in a deployment repository for bump, release, promote, rollback and hold, a line for each
// hold where hold only shows them, the live revision for wait. A failed run has no result.
func Lines(w io.Writer, r Report) error {
	for _, line := range resultLines(r) {
		if _, err := fmt.Fprintln(w, escape.Runner(escape.Line(line))); err != nil { // the runner reads standard output, too
			return fmt.Errorf("writing the result: %w", err)
		}
	}
	return nil
}

func resultLines(r Report) []string {
	if r.Outcome != Done && r.Outcome != NothingToDo {
		return nil
	}
	var lines []string
	switch r.Command {
	case CommandBuild, CommandPush:
		for _, image := range r.Images {
			lines = append(lines, image.Pinned().String())
		}
	case CommandWait:
		for _, s := range r.Syncs() {
			if !slices.Contains(lines, s.Revision) {
				lines = append(lines, s.Revision)
			}
		}
	case CommandBump, CommandRelease, CommandPromote, CommandRollback, CommandHold:
		if r.Command == CommandHold {
			for _, h := range r.Holds {
				lines = append(lines, h.Text())
			}
		}
		for _, d := range r.Deployment {
			if d.Commit != "" {
				lines = append(lines, string(d.Commit))
			}
		}
	}
	return lines
}
