package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// From is where what was deployed was taken from: another environment, or the same one's past.
type From struct {
	Environment string `json:"environment"`
	Repository  string `json:"repository"` // deployment repository, owner/name
	Commit      string `json:"commit"`     // whose values these are
}

// place is the commit for people.
func (f From) place() string { return f.Repository + "@" + f.Commit[:min(8, len(f.Commit))] }

// replaced are the tags that were deployed before, without duplicates.
func (r Report) replaced() []string {
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

// decisionLines tell a job summary where images that exist were taken from, why, and by whom.
func (r Report) decisionLines() []string {
	if !r.onExisting() {
		return nil
	}
	var lines []string
	add := func(label, value string) {
		if value != "" {
			lines = append(lines, "", "- "+label+": "+escape.Markdown(value))
		}
	}
	if r.From != nil {
		add(map[bool]string{true: "Restored", false: "From " + escape.Markdown(r.From.Environment)}[r.Command == CommandRollback], r.From.place())
	}
	add("Reason", r.Reason)
	add("By", r.By)
	return lines
}

// Hold is a component that is kept as it is.
type Hold struct {
	Component  string    `json:"component"`
	Rejected   string    `json:"rejected,omitempty"` // commit of the application repository
	Tag        string    `json:"tag,omitempty"`      // of the rejected build; absent where nothing was rejected
	Until      string    `json:"until"`              // newer: a build that descends from the rejected one; lift: a person
	Reason     string    `json:"reason,omitempty"`
	By         string    `json:"by,omitempty"`
	Since      time.Time `json:"since"`
	Repository string    `json:"repository"` // deployment repository, owner/name
	Branch     string    `json:"branch"`
	Commit     string    `json:"commit,omitempty"` // the newest that changed the holds
	Run        string    `json:"run,omitempty"`
}

// onExisting tells the commands that build nothing: the commit that is checked out means nothing to them.
func (r Report) onExisting() bool {
	return r.Command == CommandPromote || r.Command == CommandRollback || r.Command == CommandHold
}

// Task says what is about to be done with images that exist.
func (c *Console) Task(command Command, p plan.Plan) {
	lines := []string{string(command) + " " + c.style.bold(escape.Line(p.Service)) + " in " + c.style.bold(escape.Line(p.Environment))}
	for _, d := range p.Deployments {
		lines = append(lines, c.field("deploy", escape.Line(d.Repository+", branch "+d.Branch)))
	}
	c.print(append(lines, "")...)
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
		return "nothing to do: " + what + " is as it is to be"
	case r.Proposed():
		return string(r.Command) + " of " + what + " proposed"
	case r.Command == CommandPromote && r.From != nil:
		return fmt.Sprintf("%s%s %s promoted from %s to %s", dry, r.Service, can, r.From.Environment, r.Environment) + r.partly()
	case r.Command == CommandRollback:
		return fmt.Sprintf("%s%s %s rolled back", dry, what, can) + r.partly()
	}
	if r.Reason != "" {
		return what + " is held" + r.partly()
	}
	return "the hold of " + what + " is lifted" + r.partly()
}

// heldComponents counts components, which may have several holds.
func heldComponents(holds []Hold) int {
	names := map[string]bool{}
	for _, h := range holds {
		names[h.Component] = true
	}
	return len(names)
}

// holdLines are for people and for grep: component, what is held out, since when, by whom, why.
func holdLines(holds []Hold) []string {
	lines := make([]string, len(holds))
	for i, h := range holds {
		line := fmt.Sprintf("%s held in %s@%s since %s", h.Component, h.Repository, h.Branch, h.Since.UTC().Format(time.RFC3339))
		if h.By != "" {
			line += " by " + h.By
		}
		if h.Tag != "" {
			line += ", rejected " + h.Tag
		}
		line += ", until " + map[string]string{"newer": "a newer build", "lift": "it is lifted"}[h.Until]
		if h.Reason != "" {
			line += ": " + h.Reason
		}
		lines[i] = escape.Line(strings.TrimSpace(line))
	}
	return lines
}
