package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/summary"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// reportWriter hands a run's report to machines.
type reportWriter struct{ env *Env }

// write writes the report to standard output, the files in .astrago/, and those of a workflow's step. A run that failed before it had
// a plan reports what is known of it, its error above all.
func (w reportWriter) write() error {
	if !w.leavesReport() {
		return nil
	}
	w.writeFiles()
	result := w.printLines
	if w.env.Flags.JSON {
		result = w.printReport
	}
	return errors.Join(result(), w.env.AppendTo(vars.StepSummary, w.render(summary.Write)), w.writeOutputs())
}

// leavesReport reports whether the run leaves a report. What only shows something prints that itself.
func (w reportWriter) leavesReport() bool {
	switch {
	case w.env.Command.Unreported:
		return false
	case w.env.Project.Plan == nil:
		return w.env.Report.Error != nil
	}
	return !w.env.Command.PrintsItself
}

func (w reportWriter) render(render func(io.Writer, report.Report) error) func(io.Writer) error {
	return func(to io.Writer) error { return render(to, *w.env.Report) }
}

func (w reportWriter) printLines() error { return w.env.Print(w.render(report.Lines)) }

// printReport writes the report as JSON. Its words may quote what others said, and are masked; what names an image or a
// commit is as Print has it.
func (w reportWriter) printReport() error {
	if err := w.requireNoSecret(report.Lines); err != nil {
		return err
	}
	return w.env.PrintDocument(w.render(report.WriteJSON))
}

// writeOutputs appends to the file of $GITHUB_OUTPUT, unless an output would hold a secret.
func (w reportWriter) writeOutputs() error {
	if err := w.requireNoSecret(report.Outputs); err != nil {
		return err
	}
	return w.env.AppendTo(vars.Output, w.render(report.Outputs))
}

func (w reportWriter) requireNoSecret(render func(io.Writer, report.Report) error) error {
	var text strings.Builder
	if err := render(&text, *w.env.Report); err != nil {
		return err
	}
	return requireNoSecret(w.env.Redact, text.String())
}

// AppendTo adds to a file that GitHub names in a variable; other steps may have written to it.
func (env *Env) AppendTo(name vars.Name, render func(io.Writer) error) error {
	path := env.Vars.Get(name)
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("opening %s: %w", name, err)
	}
	if name != vars.Output { // programs read that, and writeOutputs has looked for secrets
		render = env.WithoutSecrets(render)
	}
	return errors.Join(render(file), file.Close())
}
