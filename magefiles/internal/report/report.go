// Package report is what people and machines see of a run: live progress and a closing table on stderr, one line or JSON
// on stdout, markdown for the job summary, step outputs.
// It renders what others did and decides nothing.
package report

import (
	"encoding/json"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
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
	CommandUpdate   Command = "update"
	CommandDoctor   Command = "doctor"
)

// Outcome is how a run or one of its stages ended.
type Outcome string

// The outcomes. Skipped is for stages only.
const (
	Done        Outcome = "done"
	NothingToDo Outcome = "nothing to do"
	Skipped     Outcome = "skipped"
	Failed      Outcome = "failed"
	Refused     Outcome = "refused"
	Cancelled   Outcome = "cancelled"
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
	From        *From        `json:"from,omitempty"`     // what was promoted or restored
	Holds       []Hold       `json:"holds,omitempty"`    // what `hold` shows, or a rollback holds
	Reason      string       `json:"reason,omitempty"`   // why, as a person gave it
	By          string       `json:"by,omitempty"`       // who deployed: the workflow's actor, or the commit's author
	ArgoCD      string       `json:"argocd,omitempty"`   // the applications that deploy the environment, with commas
	Live        *Sync        `json:"live,omitempty"`     // absent where ArgoCD was not waited for
	AlsoLive    []Sync       `json:"alsoLive,omitempty"` // the environment's other applications
	Run         string       `json:"run,omitempty"`      // web page of the workflow run
	Error       *Error       `json:"error,omitempty"`
	Next        string       `json:"next,omitempty"` // command line that continues a run which did not get to its end
}

// Commit is the commit of the application repository that was released.
type Commit struct {
	SHA    string    `json:"sha"`
	Branch string    `json:"branch"`
	Title  string    `json:"title"`
	Author string    `json:"author"`
	Time   time.Time `json:"time"`
	URL    string    `json:"url,omitempty"` // web page of the commit
	Dirty  bool      `json:"dirty,omitempty"`
}

// Deployment is what happened to one branch of a deployment repository.
type Deployment struct {
	Repository string   `json:"repository"` // owner/name
	Branch     string   `json:"branch"`
	Commit     string   `json:"commit,omitempty"` // the commit that holds the values; empty when none was made
	URL        string   `json:"url,omitempty"`
	Subject    string   `json:"subject,omitempty"` // of the commit that a dry run would make
	Changes    []Change `json:"changes"`
	Kept       []Kept   `json:"kept,omitempty"` // components whose values were left alone, as their image is the deployed one

	PullRequest *PullRequest `json:"pullRequest,omitempty"` // absent where the commit is on the branch itself
}

// Change is one value that a commit in the deployment repository sets.
type Change struct {
	File      string `json:"file"`
	Line      int    `json:"line"` // from 1
	Path      string `json:"path"` // as yq prints it
	Component string `json:"component"`
	Old       string `json:"old"` // the part that names an image, else the value's length
	New       string `json:"new"`

	Shared []string `json:"shared,omitempty"` // other places of the file that repeat the value by its anchor, as "path (line n)"
}

// Timing is one stage of the run.
type Timing struct {
	Name    string    `json:"name"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	Outcome Outcome   `json:"outcome"`
	Note    string    `json:"note,omitempty"`
}

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

// NewCommit gives the reported form of a source commit, with the address of its page where origin is known.
func NewCommit(c source.Commit) Commit {
	commit := Commit{SHA: c.SHA, Branch: c.Branch, Title: c.Title, Author: c.Author, Time: c.Time.UTC(), Dirty: c.IsDirty()}
	if c.URL != "" && c.SHA != "" {
		commit.URL = c.URL + "/commit/" + c.SHA
	}
	return commit
}

// ShortSHA is the first 8 hex digits, as in tags.
func (c Commit) ShortSHA() string { return c.SHA[:min(8, len(c.SHA))] }

// Fail records why the run ended and the outcome that follows from it.
func (r *Report) Fail(err error) {
	r.Error, r.Outcome = NewError(err), OutcomeOf(err)
}

// Changed tells whether a deployment repository got a commit with changed values.
func (r Report) Changed() bool {
	for _, d := range r.Deployment {
		if len(d.Changes) > 0 && d.Commit != "" {
			return true
		}
	}
	return false
}

// WriteJSON writes the report as one indented JSON document. Lists are never null, so that jq needs no guard.
func WriteJSON(w io.Writer, r Report) error {
	r.Schema = Schema
	r.Seconds = milliseconds(r.Seconds)
	r.Images = append([]Image{}, r.Images...)
	for i := range r.Images {
		r.Images[i].Seconds = milliseconds(r.Images[i].Seconds)
	}
	r.Warnings = append([]Warning{}, r.Warnings...)
	for i := range r.Warnings {
		r.Warnings[i].Components = list(r.Warnings[i].Components)
	}
	r.Stages = append([]Timing{}, r.Stages...)
	for i := range r.Stages {
		r.Stages[i].Seconds = milliseconds(r.Stages[i].Seconds)
	}
	if r.Live != nil {
		live := *r.Live
		live.Seconds = milliseconds(live.Seconds)
		r.Live = &live
	}
	r.AlsoLive = slices.Clone(r.AlsoLive)
	for i := range r.AlsoLive {
		r.AlsoLive[i].Seconds = milliseconds(r.AlsoLive[i].Seconds)
	}
	r.Deployment = append([]Deployment{}, r.Deployment...)
	for i := range r.Deployment {
		r.Deployment[i].Changes = list(r.Deployment[i].Changes)
	}
	return writeJSON(w, r)
}

// milliseconds rounds seconds: the digits below are noise.
func milliseconds(seconds float64) float64 { return math.Round(seconds*1000) / 1000 }

func writeJSON(w io.Writer, document any) error {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false) // people read it too, and & and < are common in titles
	if err := encoder.Encode(document); err != nil {
		return err
	}
	_, err := io.WriteString(w, escape.JSON(b.String()))
	return err
}

func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
