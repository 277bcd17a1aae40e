package release

import (
	"errors"
	"io"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// print writes lines that a program reads to standard output. They are never masked, since a masked name is another name:
// where one would hold a secret, nothing is written and the run fails.
func (s *session) print(render func(io.Writer) error) error {
	var text strings.Builder
	if err := render(&text); err != nil {
		return err
	}
	if err := s.requireNoSecret(text.String()); err != nil {
		return err
	}
	_, err := io.WriteString(s.process.Stdout, text.String())
	return err
}

// printReport writes the report as JSON. Its words may quote what others said, and are masked; what names an image or a
// commit is as print has it.
func (s *session) printReport() error {
	var lines strings.Builder
	if err := report.Lines(&lines, s.report); err != nil {
		return err
	}
	if err := s.requireNoSecret(lines.String()); err != nil {
		return err
	}
	return s.printDocument(func(w io.Writer) error { return report.WriteJSON(w, s.report) })
}

// printDocument writes a JSON document to standard output, with the declared secrets masked in it.
func (s *session) printDocument(render func(io.Writer) error) error {
	stdout := s.redact.DeclaredWriter(s.process.Stdout)
	return errors.Join(render(stdout), stdout.Flush())
}

func (s *session) requireNoSecret(text string) error {
	if !s.redact.Reveals(text) {
		return nil
	}
	return problem.New(problem.Failed, "give the secret another value, or the image, tag or branch another name",
		"writing the result for programs: it would hold the value of a secret, and masked it would name something else")
}
