package report

import (
	"fmt"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// From is the source of the deployed images: another environment, or the same one's past.
type From struct {
	Environment string      `json:"environment"`
	Repository  string      `json:"repository"` // deployment repository, owner/name
	Commit      commitid.ID `json:"commit"`     // whose values these are; empty where no commit of its history has them
}

// Place is the commit for people.
func (f From) Place() string {
	if f.Commit == "" {
		return f.Repository
	}
	return f.Repository + "@" + f.Commit.Short()
}

// replacedTags are the tags that were deployed before, without duplicates.
func (r Report) replacedTags() []string {
	var all []string
	for _, d := range r.Deployment {
		for _, c := range d.Changes {
			if c.Old != "" && !slices.Contains(all, c.Old) {
				all = append(all, c.Old)
			}
		}
	}
	if rest := len(all) - imageLimit; rest > 0 {
		all = append(all[:imageLimit], fmt.Sprintf("+%d", rest))
	}
	return all
}

// DeploysExisting reports whether the command builds nothing: the commit that is checked out means nothing to it.
func (r Report) DeploysExisting() bool {
	return r.Command == CommandPromote || r.Command == CommandRollback || r.Command == CommandHold
}

// existingHeadline is the headline of a run that went well.
func (r Report) existingHeadline() string {
	what := r.Service + " in " + r.Environment
	dry, can := "", "is"
	if r.DryRun {
		dry, can = "dry run: ", "can be"
	}
	switch {
	case r.Command == CommandHold && r.Holds != nil && len(r.Holds) == 0:
		return "nothing of " + what + " is held"
	case r.Command == CommandHold && r.Holds != nil:
		return fmt.Sprintf("%d of %s held", heldComponents(r.Holds), what)
	case r.Outcome == NothingToDo:
		return "nothing to do: " + what + " is up to date"
	case r.Proposed():
		return string(r.Command) + " of " + what + " proposed"
	case r.Command == CommandPromote && r.From != nil:
		return fmt.Sprintf("%s%s %s promoted from %s to %s", dry, r.Service, can, r.From.Environment, r.Environment) + r.alsoProposed()
	case r.Command == CommandRollback && dry == "":
		return "rolled back " + what + r.alsoProposed()
	case r.Command == CommandRollback:
		return fmt.Sprintf("%s%s %s rolled back", dry, what, can) + r.alsoProposed()
	}
	if r.Reason != "" {
		return fmt.Sprintf("%s%s %s held", dry, what, can) + r.alsoProposed()
	}
	return fmt.Sprintf("%sthe hold of %s %s lifted", dry, what, can) + r.alsoProposed()
}
