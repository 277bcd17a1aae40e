package release

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// write hands the report to machines: standard output, the files in .astrago/, and those of a workflow's step. A run that failed before it had
// a plan reports what is known of it, its error above all.
func (s *session) write() error {
	if !s.reports() {
		return nil
	}
	s.writeFiles()
	result := func() error { return s.print(func(w io.Writer) error { return report.Lines(w, s.report) }) }
	if s.options.JSON {
		result = s.printReport
	}
	return errors.Join(result(), s.appendTo(vars.StepSummary, report.Summary), s.writeOutputs())
}

// writeOutputs appends to the file of $GITHUB_OUTPUT, unless an output would hold a secret.
func (s *session) writeOutputs() error {
	var text strings.Builder
	if err := report.Outputs(&text, s.report); err != nil {
		return err
	}
	if err := s.requireNoSecret(text.String()); err != nil {
		return err
	}
	return s.appendTo(vars.Output, report.Outputs)
}

// reports tells whether the run leaves a report. What only shows something prints that itself, and so does prune, whatever
// becomes of it.
func (s *session) reports() bool {
	switch {
	case s.report.Command == report.CommandPrune:
		return false
	case s.plan == nil:
		return s.report.Error != nil
	}
	return !s.printsItself()
}

// printsItself tells the commands whose result is no report of what they did: they do nothing.
func (s *session) printsItself() bool {
	return s.report.Command == report.CommandPlan || s.report.Command == report.CommandStatus
}

// appendTo adds to a file that GitHub names in a variable; other steps may have written to it.
func (s *session) appendTo(name vars.Name, render func(io.Writer, report.Report) error) error {
	path := s.vars.Get(name)
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("opening %s: %w", name, err)
	}
	redacted := s.redact.Writer(file)
	if name == vars.Output { // programs read it, and writeOutputs has looked for secrets
		return errors.Join(render(file, s.report), file.Close())
	}
	return errors.Join(render(redacted, s.report), redacted.Flush(), file.Close())
}
