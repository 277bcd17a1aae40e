package release

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// session is one run of one command: its plan, its clients, and the report that grows as it goes.
type session struct {
	process Process
	options Options
	vars    vars.Vars
	redact  *redact.Redactor
	stderr  *redact.Writer
	console *report.Console
	root    string         // of the application repository; empty until it was found
	config  *config.Config // nil until it was read
	offRef  string         // the ref that -env was given for, where the environment does not take it
	plan    *plan.Plan     // nil until open has succeeded
	clients clients
	tree    source.State // what was not waited for yet; nil where the plan's commit says it
	report  report.Report
	shown   *shown // nil where GitHub shows nothing of this run
	beside  string // the commit that it is shown beside, where that is not the plan's
	again   string // what continues the run, once that must be this very command line
	begun   bool   // that command is told below whatever else there is to do
	traced  traced
}

// newSession starts a run and gives the context for all of it.
func newSession(ctx context.Context, name report.Command, p Process, o Options) (context.Context, *session) {
	v := vars.Parse(p.Environ)
	s := &session{process: p, options: o, vars: v, redact: redact.New(v.Secrets()...)}
	s.redact.Guess(v.Suspects()...)
	s.stderr = s.redact.Writer(p.Stderr)
	s.console = report.NewConsole(s.stderr, lookAs(o, v, p.Stderr))
	s.clients.ancestry = &ancestry{session: s, known: map[[2]string]source.Comparison{}}
	s.report = report.Report{Schema: report.Schema, Command: name, Outcome: report.Done, Started: time.Now().UTC(), Run: s.runURL()}
	ctx = s.instrument(ctx)
	return ctx, s
}

// open finds the application repository and computes the plan.
func (s *session) open(ctx context.Context) error {
	if _, err := s.mode(); err != nil {
		return err
	}
	if s.options.Parallel < 0 {
		return problem.New(problem.Usage, "write e.g. -parallel=2, or leave it out", "reading -parallel: %d components cannot be built at once", s.options.Parallel)
	}
	root, err := source.Root(cmp.Or(s.process.Dir, "."), config.FileName)
	if err != nil {
		return err
	}
	if err := s.configure(root); err != nil {
		return err
	}
	commit, err := s.released(ctx, root)
	if err != nil {
		return err
	}
	created, err := s.sourceDate()
	if err != nil {
		return err
	}
	s.plan, err = plan.New(s.config, commit, plan.Options{Environment: s.options.Environment, Only: s.options.Only, Created: created, Platform: ownPlatform()})
	if err != nil {
		return err
	}
	environment, err := s.config.Environment(s.plan.Environment, "")
	if err != nil {
		return err
	}
	if err := s.requireRef(environment, commit); err != nil {
		return err
	}
	if err := s.narrow(ctx); err != nil {
		return err
	}
	run := s.report.Run
	s.report = report.New(s.report.Command, *s.plan, s.report.Started)
	s.report.Run = run
	s.logPlan(ctx)
	return nil
}

// configure reads astrago.yaml. From here on there is somebody to tell how the run ends.
func (s *session) configure(root string) (err error) {
	s.root = root
	if s.config, err = config.Load(filepath.Join(root, config.FileName)); err != nil {
		return err
	}
	s.report.Service, s.report.Environment = s.config.Service, s.options.Environment
	return nil
}

// sourceDate reads the time that is to be stamped into images (https://reproducible-builds.org/specs/source-date-epoch),
// zero where none is set.
func (s *session) sourceDate() (time.Time, error) {
	text := s.vars.Get(vars.SourceDateEpoch)
	if text == "" {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, problem.New(problem.Usage, "set it to a number of seconds, or unset it", "reading SOURCE_DATE_EPOCH: %w", err)
	}
	return time.Unix(seconds, 0), nil
}

// close tells how the run ended to everyone who wants to know, and returns the error with its exit code.
func (s *session) close(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = s.cancelled(cause) // what a cancelled stage says is only an echo of the cancellation
	}
	s.closeFiles()
	s.sortImages()
	s.report.Seconds = time.Since(s.report.Started).Seconds()
	s.report.Stages = s.console.Timings()
	if err = s.continued(err); err != nil {
		s.report.Fail(err)
		s.report.Next = s.next()
	}
	if s.plan != nil && !s.printsItself() {
		s.console.Finish(s.report)
	}
	s.console.Error(err)
	writeErr := s.write()
	s.notify(ctx) // looks at how the run before ended, which end replaces
	s.end(ctx)
	s.ended(ctx, s.report.Outcome, err)
	if flushErr := s.stderr.Flush(); writeErr == nil {
		writeErr = flushErr
	}
	switch {
	case err != nil:
		return told{err: err, outcome: s.report.Outcome}
	case writeErr != nil:
		return fmt.Errorf("writing the report: %w", writeErr)
	}
	return nil
}

// cancelled says how to go on.
func (s *session) cancelled(cause error) error {
	if p := problem.As(cause); p != nil && s.again != "" {
		return problem.New(p.Status, s.again, "%w", p.Err)
	}
	return cause
}

// sortImages puts the images into the plan's order; they were reported as they were done.
func (s *session) sortImages() {
	if s.plan == nil {
		return
	}
	order := make(map[string]int, len(s.plan.Images))
	for i, image := range s.plan.Images {
		order[image.Ref()] = i
	}
	slices.SortStableFunc(s.report.Images, func(a, b report.Image) int { return cmp.Compare(order[a.Ref], order[b.Ref]) })
}

// told is an error that the console has explained; mage prints it once more, so it is short.
type told struct {
	err     error
	outcome report.Outcome
}

func (t told) Error() string { return string(t.outcome) + ", see above" }

func (t told) Unwrap() error { return t.err }

// ExitStatus is asked for by mage's generated main.
func (t told) ExitStatus() int { return report.NewError(t.err).Exit }
