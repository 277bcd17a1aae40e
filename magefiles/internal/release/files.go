package release

import (
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// writeFiles keeps the report in .astrago/, where it outlives the log: as -json prints it, and as a page for people. It is no
// reason to fail a run.
func (s *session) writeFiles() {
	if s.root == "" || s.options.DryRun || s.looks() || s.printsItself() {
		return
	}
	page := func(w io.Writer, r report.Report) error { return report.Page(w, r, s.language()) }
	for name, render := range map[string]func(io.Writer, report.Report) error{"release.json": report.WriteJSON, "release.html": page} {
		err := s.writeFile(name, func(w io.Writer) error { return render(w, s.report) })
		if err != nil {
			s.console.Note(fmt.Sprintf("%s/%s is not written: %v", output.Name, name, err))
		}
	}
}

// language is the one that people are told in, by the first subscriber's.
func (s *session) language() string {
	var told []config.Notify
	switch {
	case s.plan != nil:
		told = s.plan.Notify
	case s.config != nil:
		told = s.config.Notify
	}
	if len(told) == 0 {
		return ""
	}
	return string(told[0].Language)
}

// writeFile writes a file of the output directory, without secrets.
func (s *session) writeFile(name string, render func(io.Writer) error) error {
	dir, err := output.In(s.root)
	if err != nil {
		return err
	}
	if path.Ext(name) == ".json" { // programs read it
		return dir.Renew(name, s.withoutDeclaredSecrets(render))
	}
	return dir.Renew(name, s.withoutSecrets(render))
}

// withoutDeclaredSecrets renders a document for programs.
func (s *session) withoutDeclaredSecrets(render func(io.Writer) error) func(io.Writer) error {
	return func(w io.Writer) error {
		redacted := s.redact.DeclaredWriter(w)
		return errors.Join(render(redacted), redacted.Flush())
	}
}

// withoutSecrets renders what leaves the process for people.
func (s *session) withoutSecrets(render func(io.Writer) error) func(io.Writer) error {
	return func(w io.Writer) error {
		redacted := s.redact.Writer(w)
		return errors.Join(render(redacted), redacted.Flush())
	}
}
