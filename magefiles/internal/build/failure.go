package build

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

	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// StepError is a build step that ended badly, with the output that no display has shown.
type StepError struct {
	Component string
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

// explain turns what BuildKit answered into what the Dockerfile's author can act on. A cancelled build stays an error
// that is context.Canceled.
func (b *builder) explain(ctx context.Context, err error, img plan.Image) error {
	if ctx.Err() != nil {
		return fmt.Errorf("building component %q: %w", img.Component, ctx.Err())
	}
	if gone, ok := errors.AsType[*lostError](err); ok {
		return b.lostDaemon(gone, img)
	}
	if told := problem.As(err); told != nil { // this side's own, with its remedy
		return told
	}
	for _, m := range b.pool.members {
		if failed := m.contexts.failure(err); failed != nil {
			return fmt.Errorf("building component %q: %w", img.Component, failed)
		}
	}
	place := b.place(err, img)
	step := b.stepError(err, img)
	if outOfSpace(err, step) {
		return b.fullDisk(err, img).At(place)
	}
	if step != nil {
		remedy := fmt.Sprintf("repair the instruction; the full output is in %s\nmage build -only=%s builds this component alone", step.Log, img.Component)
		return (&problem.Problem{Err: step, Remedy: remedy, Status: problem.Failed}).At(place)
	}
	remedy := b.remedy(err, img, place)
	return problem.New(problem.Failed, remedy, "building component %q: %s", img.Component, b.message(err)).At(place)
}

// fullDisk says whose disk is full: an image that comes here is written by us, and then the words name the file.
func (b *builder) fullDisk(err error, img plan.Image) *problem.Problem {
	for _, dir := range []string{b.opts.Layout, b.opts.Logs} {
		if strings.Contains(err.Error(), dir+string(filepath.Separator)) {
			return problem.New(problem.Failed, "free space on this machine's disk: mage prune leaves only the last build in "+output.Name+", and all of it may be removed",
				"building component %q: the disk of %s is full: %s", img.Component, b.shown(dir), b.message(err))
		}
	}
	return problem.New(problem.Failed, "free space on the disk of the BuildKit daemon: mage prune, or mage prune -all",
		"building component %q: the BuildKit daemon is out of space: %s", img.Component, b.message(err))
}

// outOfSpace tells whether somebody, a step maybe, has met ENOSPC. Its words arrive from everywhere; BuildKit's code for it
// stands for other limits, too.
func outOfSpace(err error, step *StepError) bool {
	const words = "no space left on device"
	if err == nil {
		return false
	}
	if strings.Contains(strings.ToLower(err.Error()), words) {
		return true
	}
	return step != nil && slices.ContainsFunc(step.Output, func(line string) bool { return strings.Contains(strings.ToLower(line), words) })
}

// stepError is for steps that ran: those of which BuildKit says how the process ended.
func (b *builder) stepError(err error, img plan.Image) *StepError {
	var vertex *errdefs.VertexError
	exit := exitReason.FindString(err.Error())
	if exit == "" || !errors.As(err, &vertex) {
		return nil
	}
	name, lines := b.board.tail(vertexDigest(vertex))
	return &StepError{Component: img.Component, Step: name, Reason: exit, Output: lines, Log: b.shown(filepath.Join(b.opts.Logs, img.Component+".log"))}
}

var exitReason = regexp.MustCompile(`exit code: \d+.*`)

// place is the instruction that failed, as the innermost source of the error names it, or the Dockerfile.
func (b *builder) place(err error, img plan.Image) problem.Place {
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
		place.Snippet = b.redact.String(snippet(text.String()))
	}
	return place
}

// snippet is what errdefs.Source prints without its frame, which names the file once more.
func snippet(printed string) string {
	var lines []string
	for line := range strings.Lines(printed) {
		if number, _, ok := strings.Cut(line, " | "); ok && strings.Trim(number, " 0123456789") == "" {
			lines = append(lines, strings.TrimRight(line, "\r\n"))
		}
	}
	return strings.Join(lines, "\n")
}

// frames are the phrases in front of every cause; they speak of BuildKit's insides.
var frames = regexp.MustCompile(`failed to solve: |rpc error: code = \w+ desc = |failed to compute cache key: |failed to calculate checksum of ref \S+: |failed to load cache key: |failed to do request: |failed to read dockerfile: |dockerfile parse error on line \d+: `)

func (b *builder) message(err error) string {
	text := frames.ReplaceAllString(err.Error(), "")
	return b.redact.String(text)
}

func (b *builder) lostDaemon(err *lostError, img plan.Image) error {
	remedy := "start it and run the same command again"
	if log := err.member.Log; log != "" {
		remedy = "run the same command again; what the daemon said last is in " + log
	}
	return problem.New(problem.Failed, remedy, "building component %q: losing the BuildKit daemon at %s: %s",
		img.Component, err.member.Address, b.message(err))
}

// shown is a path as the reader types it: relative to the repository root where it is below.
func (b *builder) shown(p string) string {
	rel, err := filepath.Rel(b.plan.Commit.Root, p)
	if err != nil || !filepath.IsLocal(rel) {
		return p
	}
	return filepath.ToSlash(rel)
}
