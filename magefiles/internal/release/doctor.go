package release

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor/machine"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry/requests"
	"github.com/xiilab/astrago-ci/magefiles/internal/transport"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// checkTime is how long a check may take; all run at once.
const checkTime = 20 * time.Second

// Doctor checks this machine, this checkout and everything that a release from here would meet, and changes none of it.
// What is missing, be it the configuration itself, is a finding and hides no other.
func Doctor(ctx context.Context, p Process, o Options) error {
	ctx, s := newSession(ctx, report.CommandDoctor, p, o)
	err := (&examination{session: s}).run(ctx)
	outcome := report.Done
	if err != nil {
		outcome = report.OutcomeOf(err)
	}
	s.ended(ctx, outcome, err)
	if flushErr := s.stderr.Flush(); err == nil {
		err = flushErr
	}
	return err
}

// run checks everything and prints what was found.
func (e *examination) run(ctx context.Context) error {
	e.open(ctx)
	d := report.Doctor{Version: astragoci.Version(), Results: doctor.Run(ctx, e.checks(), checkTime)}
	if e.config != nil {
		d.Service = e.config.Service
	}
	if e.plan != nil {
		d.Environment = e.plan.Environment
	}
	err := e.print(d)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("writing the findings: %w", err)
	case !d.Healthy():
		return told{err: problem.New(problem.Failed, "", "%d checks fail", doctor.Count(d.Results, doctor.Fail)), outcome: report.Failed}
	}
	return nil
}

// print writes the findings to standard output: for people, or as JSON.
func (e *examination) print(d report.Doctor) error {
	if e.options.JSON {
		return e.printDocument(func(w io.Writer) error { return report.DoctorJSON(w, d) })
	}
	stdout := e.redact.Writer(e.process.Stdout)
	report.NewConsole(stdout, look(e.vars, e.process.Stdout)).Doctor(d)
	return stdout.Flush()
}

// examination is a session that goes on where something is missing: the session's configuration and plan are nil then.
type examination struct {
	*session
	root      string
	commit    source.Commit
	rootErr   error // why there is no root, and so on
	configErr error
	commitErr error
	planErr   error
}

// open finds out what there is to check. It reads files and asks git; nothing of it takes long.
func (e *examination) open(ctx context.Context) {
	dir := cmp.Or(e.process.Dir, ".")
	if e.root, e.rootErr = source.Root(dir, config.FileName); e.rootErr != nil {
		e.commit, e.commitErr = e.head(ctx, dir)
		return
	}
	e.config, e.configErr = config.Load(filepath.Join(e.root, config.FileName))
	e.commit, e.commitErr = e.head(ctx, e.root)
	if e.configErr != nil || e.commitErr != nil {
		return
	}
	created, err := e.sourceDate()
	if err != nil {
		e.planErr = err
		return
	}
	e.plan, e.planErr = plan.New(e.config, e.commit, plan.Options{Environment: e.options.Environment, Created: created, Platform: ownPlatform()})
}

// checks lists everything in the order in which it is shown.
func (e *examination) checks() []doctor.Check {
	all := []doctor.Check{
		{Group: "machine", Name: "go", Run: func(ctx context.Context) doctor.Finding { return machine.Go(ctx, astragoci.GoVersion()) }},
		{Group: "machine", Name: "git", Run: machine.Git},
		{Group: "machine", Name: "clock", Run: e.clock(), Late: "check this machine's network and proxy"},
		{Group: "machine", Name: "disk", Run: e.disk},
		{Group: "repository", Name: "commit", Run: e.checkout},
		{Group: "repository", Name: "ci", Run: e.submodule},
		{Group: "repository", Name: "config", Run: e.configuration},
		{Group: "repository", Name: "environment", Run: e.environment},
		{Group: "repository", Name: "archives", Run: e.archives},
		{Group: "build", Name: "buildkit", Run: e.buildkit, Late: "start that daemon, or unset BUILDKIT_HOST to use one on this machine"},
		{Group: "build", Name: "load", Run: e.loads, Late: "start Docker or containerd, or write `load: none` in astrago.yaml"},
	}
	all = append(all, e.registryChecks()...)
	all = append(all, e.deploymentChecks()...)
	all = append(all, e.argocdChecks()...)
	return append(all, e.notifyChecks()...)
}

// clock asks the servers that a release talks to; any answer has a date.
func (e *examination) clock() func(context.Context) doctor.Finding {
	addresses := []string{cmp.Or(e.vars.Get(vars.APIURL), "https://api.github.com") + "/rate_limit"}
	for _, repository := range e.repositories() {
		if address := e.registry().Address(repository); !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	client := &http.Client{Transport: requests.Transport(transport.New(transport.Options{})), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return func(ctx context.Context) doctor.Finding { return machine.Clock(ctx, client, addresses) }
}

// shownProblems is how many of several problems that were found at once a finding tells.
const shownProblems = 3

// failed is an error as a finding.
func failed(err error) doctor.Finding {
	first := report.NewError(err)
	all := append([]report.Error{*first}, first.More...)
	var texts, remedies []string
	for _, e := range all[:min(len(all), shownProblems)] {
		texts = append(texts, strings.TrimPrefix(e.Place.String()+": "+e.Message, ": "))
		if e.Remedy != "" && !slices.Contains(remedies, e.Remedy) {
			remedies = append(remedies, e.Remedy)
		}
	}
	text := strings.Join(texts, "; ")
	if n := len(all) - len(texts); n > 0 {
		text += fmt.Sprintf(" (and %s more)", count(n, "problem"))
	}
	return doctor.Finding{Status: doctor.Fail, Text: text, Remedy: strings.Join(remedies, "\n")}
}

// failedHere is failed with the paths of this repository as its people know them.
func (e *examination) failedHere(err error) doctor.Finding {
	f := failed(err)
	f.Text = strings.ReplaceAll(f.Text, e.root+string(filepath.Separator), "")
	return f
}

func fine(format string, args ...any) doctor.Finding {
	return doctor.Finding{Status: doctor.OK, Text: fmt.Sprintf(format, args...)}
}

func skipped(reason string) doctor.Finding {
	return doctor.Finding{Status: doctor.Skipped, Text: reason}
}

func warned(remedy, format string, args ...any) doctor.Finding {
	return doctor.Finding{Status: doctor.Warn, Text: fmt.Sprintf(format, args...), Remedy: remedy}
}
