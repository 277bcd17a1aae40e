package report

import (
	"fmt"
	"strings"
)

// Headline is in a few words what was done or not done; all views share it.
func (r Report) Headline() string {
	switch {
	case r.DeploysExisting() && (r.Outcome == Done || r.Outcome == NothingToDo):
		return r.existingHeadline()
	case r.Outcome == Done && r.DryRun:
		return fmt.Sprintf("dry run: %s can be %s%s", r.Service, pastTense(r.Command), r.destination())
	case r.Outcome == Done && r.Command == CommandWait:
		return fmt.Sprintf("%s is live in %s", r.Service, r.Environment)
	case r.Outcome == Done && r.Proposed():
		return fmt.Sprintf("%s proposed%s", r.Service, r.destination())
	case r.Outcome == Done:
		return fmt.Sprintf("%s %s%s%s", r.Service, pastTense(r.Command), r.destination(), r.alsoProposed())
	case r.Outcome == NothingToDo && r.Proposed():
		return fmt.Sprintf("nothing to do: %s %s is proposed to %s already", r.Service, r.Commit.SHA.Short(), r.changedPlace())
	case r.Outcome == NothingToDo:
		return fmt.Sprintf("nothing to do: %s already has %s %s", r.changedPlace(), r.Service, r.Commit.SHA.Short())
	}
	if r.Service == "" { // the configuration could not be read
		return fmt.Sprintf("%s %s", r.Command, r.Outcome)
	}
	return fmt.Sprintf("%s of %s%s %s", r.Command, r.Service, r.destination(), r.Outcome)
}

// alsoProposed returns the phrase with the places where the values only wait in pull requests, in a run that has committed others.
func (r Report) alsoProposed() string {
	if places := r.Proposals(); len(places) > 0 {
		return ", and proposed in " + strings.Join(places, ", ")
	}
	return ""
}

// pastTense is the command as something that happened.
func pastTense(c Command) string {
	switch c {
	case CommandBuild:
		return "built"
	case CommandBump:
		return "bumped"
	case CommandPlan:
		return "planned"
	case CommandRelease:
		return "released"
	}
	return string(c) + "ed"
}

// destination is the environment, for the commands that reach it.
func (r Report) destination() string {
	if r.Environment == "" || r.Command == CommandBuild || r.Command == CommandPush {
		return ""
	}
	if r.Command == CommandRollback || r.Command == CommandHold {
		return " in " + r.Environment
	}
	return " to " + r.Environment
}

// changedPlace names the place that a dry run would have changed.
func (r Report) changedPlace() string {
	if r.Command == CommandPush {
		return "the registry"
	}
	return r.Environment
}
