package buildkit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/solver/errdefs"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/attachable"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/pool"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
	"github.com/xiilab/astrago-ci/magefiles/internal/subpath"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// StepError is a build step that ended badly, with the output that no display has shown.
type StepError struct {
	Component component.Name
	Step      string   // the vertex's name, e.g. [2/3] RUN make
	Reason    string   // how it ended, e.g. exit code: 2
	Output    []string // the step's last lines
	Log       string   // file with the full output
}

// Error names the step and how it ended, then its last output, indented.
func (e *StepError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "building component %q: step %q failed: %s", e.Component, e.Step, e.Reason)
	if len(e.Output) > 0 {
		b.WriteString("; its last output:")
	}
	for _, line := range e.Output {
		b.WriteString("\n    " + line)
	}
	return b.String()
}

// failureExplainer explains what builds failed of.
type failureExplainer struct {
	root   string // of the repository
	files  *worktree.Tree
	layout string // Options.Layout
	logs   string // Options.Logs
	redact *redact.Redactor
	keys   *attachable.Keyring
	served contextServers
	tail   func(vertex digest.Digest) (name string, lines []string) // of a failed step's output
}

// explain turns what BuildKit answered into what the Dockerfile's author can act on. A cancelled build stays an error
// that is context.Canceled.
func (f failureExplainer) explain(ctx context.Context, err error, img plan.Image) error {
	if ctx.Err() != nil {
		return fmt.Errorf("building component %q: %w", img.Component, ctx.Err())
	}
	if gone, ok := errors.AsType[*pool.LostError](err); ok {
		return f.lostDaemon(gone, img)
	}
	if told := problem.As(err); told != nil { // this side's own, with its remedy
		return told
	}
	if failed := f.served.transferFailure(err); failed != nil {
		return fmt.Errorf("building component %q: %w", img.Component, failed)
	}
	place := f.sourcePlace(err, img)
	step := f.stepError(err, img)
	if outOfSpace(err, step) {
		return f.fullDisk(err, img).At(place)
	}
	if step != nil {
		remedy := fmt.Sprintf("repair the instruction; the full output is in %s\nmage build -only=%s builds this component alone",
			step.Log, img.Component)
		return (&problem.Problem{Err: step, Remedy: remedy, Status: problem.Failed}).At(place)
	}
	remedy := f.remedyFor(err, img, place)
	return problem.New(problem.Failed, remedy, "building component %q: %s", img.Component, f.causeText(err)).At(place)
}

// fullDisk says whose disk is full: an image that comes here is written by us, and then the words name the file.
func (f failureExplainer) fullDisk(err error, img plan.Image) *problem.Problem {
	for _, dir := range []string{f.layout, f.logs} {
		if strings.Contains(err.Error(), dir+string(filepath.Separator)) {
			return problem.New(problem.Failed,
				"free space on this machine's disk: mage prune leaves only the last build in "+output.Name+", and all of it may be removed",
				"building component %q: the disk of %s is full: %s", img.Component, f.displayPath(dir), f.causeText(err))
		}
	}
	return problem.New(problem.Failed, "free space on the disk of the BuildKit daemon: mage prune, or mage prune -all",
		"building component %q: the BuildKit daemon is out of space: %s", img.Component, f.causeText(err))
}

// outOfSpace reports whether a build, or one of its steps, has met a full disk.
func outOfSpace(err error, step *StepError) bool {
	if daemon.IsOutOfSpace(err) {
		return true
	}
	return step != nil && slices.ContainsFunc(step.Output, daemon.IsFullDisk)
}

// stepError is for steps that ran: those of which BuildKit says how the process ended.
func (f failureExplainer) stepError(err error, img plan.Image) *StepError {
	var vertex *errdefs.VertexError
	exit := exitReason.FindString(err.Error())
	if exit == "" || !errors.As(err, &vertex) {
		return nil
	}
	name, lines := f.tail(vertexDigest(vertex))
	log := f.displayPath(stepLogPath(f.logs, img.Component))
	return &StepError{Component: img.Component, Step: name, Reason: exit, Output: lines, Log: log}
}

var exitReason = regexp.MustCompile(`exit code: \d+.*`)

// sourcePlace is the instruction that failed, as the innermost source of the error names it, or the Dockerfile.
func (f failureExplainer) sourcePlace(err error, img plan.Image) problem.Place {
	place := problem.Place{File: img.Dockerfile}
	sources := errdefs.Sources(err)
	if len(sources) == 0 || sources[0].Info == nil || len(sources[0].Ranges) == 0 {
		return place
	}
	source := sources[0]
	place.File = path.Clean(source.Info.Filename)
	place.Line = int(source.Ranges[0].GetStart().GetLine())
	var text bytes.Buffer
	if source.Print(&text) == nil {
		place.Snippet = f.redact.String(cutSnippet(text.String()))
	}
	return place
}

// cutSnippet returns the output of errdefs.Source without its frame, which repeats the file's name.
func cutSnippet(printed string) string {
	var lines []string
	for line := range strings.Lines(printed) {
		if number, _, ok := strings.Cut(line, " | "); ok && strings.Trim(number, " 0123456789") == "" {
			lines = append(lines, strings.TrimRight(line, "\r\n"))
		}
	}
	return strings.Join(lines, "\n")
}

// causeFrames are the phrases in front of every cause; they speak of BuildKit's insides.
var causeFrames = regexp.MustCompile(`failed to solve: |rpc error: code = \w+ desc = |failed to compute cache key: |` +
	`failed to calculate checksum of ref \S+: |failed to load cache key: |failed to do request: |failed to read dockerfile: |` +
	`dockerfile parse error on line \d+: `)

func (f failureExplainer) causeText(err error) string {
	text := causeFrames.ReplaceAllString(err.Error(), "")
	return f.redact.String(text)
}

func (f failureExplainer) lostDaemon(err *pool.LostError, img plan.Image) error {
	remedy := "start it and run the same command again"
	if log := err.Member.Log; log != "" {
		remedy = "run the same command again; what the daemon said last is in " + log
	}
	return problem.New(problem.Failed, remedy, "building component %q: losing the BuildKit daemon at %s: %s",
		img.Component, err.Member.Address, f.causeText(err))
}

// displayPath is a path as the reader types it: relative to the repository root where it is below.
func (f failureExplainer) displayPath(p string) string {
	if sub, ok := subpath.Of(f.root, p); ok {
		return sub
	}
	return p
}
