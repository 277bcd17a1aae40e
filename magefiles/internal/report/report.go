// Package report holds the report of a run for people and machines: its model, its JSON, the lines on standard output, the step's outputs
// and the message for people who did not watch. Packages console, summary and page render it. It decides nothing.
package report

import (
	"cmp"
	"path"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Schema names the JSON form of Report. A field is never renamed or removed under the same name.
const Schema = "astrago-ci/report/v1"

// Command is the target that made the report.
type Command string

// The commands that report.
const (
	CommandBuild   Command = "build"
	CommandPush    Command = "push"
	CommandBump    Command = "bump"
	CommandRelease Command = "release"
	CommandPlan    Command = "plan"
	CommandWait    Command = "wait"

	CommandPromote  Command = "promote"
	CommandRollback Command = "rollback"
	CommandHold     Command = "hold"
	CommandPrune    Command = "prune"
	CommandStatus   Command = "status"
	CommandNotes    Command = "notes"
	CommandUpdate   Command = "update"
	CommandDoctor   Command = "doctor"
)

// Report is everything that one run did. Its JSON form is a public interface (Schema).
type Report struct {
	Schema      string       `json:"schema"`
	Command     Command      `json:"command"`
	Outcome     Outcome      `json:"outcome"`
	DryRun      bool         `json:"dryRun,omitempty"` // everything was checked, nothing was changed
	Service     string       `json:"service"`
	Environment string       `json:"environment,omitempty"`
	Commit      Commit       `json:"commit"`
	Started     time.Time    `json:"started"`
	Seconds     float64      `json:"seconds"` // wall time of the whole run
	Images      []Image      `json:"images"`
	Warnings    []Warning    `json:"warnings"`
	Deployment  []Deployment `json:"deployment"`
	Stages      []Timing     `json:"stages"`
	From        *From        `json:"from,omitempty"`        // what was promoted or restored
	Notes       *notes.Notes `json:"notes,omitempty"`       // what the images bring and take back, as far as they replace others
	Holds       []Hold       `json:"holds,omitempty"`       // what `hold` shows, or a rollback holds
	Reason      string       `json:"reason,omitempty"`      // why, as a person gave it
	By          string       `json:"by,omitempty"`          // the workflow's actor, or the commit's author
	ArgoCD      string       `json:"argocd,omitempty"`      // the applications that deploy the environment, with commas
	Live        *Sync        `json:"live,omitempty"`        // absent where Argo CD was not waited for
	AlsoLive    []Sync       `json:"alsoLive,omitempty"`    // the environment's other applications
	Run         string       `json:"run,omitempty"`         // web page of the workflow run
	Operate     string       `json:"operate,omitempty"`     // page on which the repository's operate workflow is started
	Fingerprint string       `json:"fingerprint,omitempty"` // of what a dry run has shown, for -approved
	Error       *Error       `json:"error,omitempty"`
	Next        string       `json:"next,omitempty"`      // command line that continues a run which did not get to its end
	Submodule   string       `json:"submodule,omitempty"` // path of astrago-ci in the repository, where that is not ci
}

// Scripts is where the programs of astrago-ci are in the repository, as a shell takes it, up to their names.
func (r Report) Scripts() string { return "./" + path.Join(cmp.Or(r.Submodule, "ci"), "scripts") + "/" }

// New starts the report of a run from its plan. The images and all that follows are filled in as they happen.
func New(command Command, p plan.Plan, started time.Time) Report {
	r := Report{
		Schema:      Schema,
		Command:     command,
		Outcome:     Done,
		Service:     p.Service,
		Environment: p.Environment,
		Commit:      NewCommit(p.Commit),
		Started:     started.UTC(),
	}
	r.ArgoCD = strings.Join(p.Applications(), ", ")
	return r
}

// Fail records why the run ended and the outcome that follows from it.
func (r *Report) Fail(err error) {
	r.Error, r.Outcome = NewError(err), OutcomeOf(err)
}
