package release

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// writeFiles keeps the report in dist/, where it outlives the log: as -json prints it, and as a page for people. It is no
// reason to fail a run.
func (s *session) writeFiles() {
	if s.root == "" || s.options.DryRun || s.looks() || s.printsItself() {
		return
	}
	page := func(w io.Writer, r report.Report) error { return report.Page(w, r, s.language()) }
	for name, render := range map[string]func(io.Writer, report.Report) error{"release.json": report.WriteJSON, "release.html": page} {
		name = source.OutputDir + "/" + name
		err := s.writeFile(name, func(w io.Writer) error { return render(w, s.report) })
		if err != nil {
			s.console.Note(fmt.Sprintf("%s is not written: %v", name, err))
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

// errOthers keeps what the application itself makes.
var errOthers = errors.New("the application has a file of that name")

// writeFile takes the place of an earlier report only.
func (s *session) writeFile(name string, render func(io.Writer) error) error {
	path, dist := filepath.Join(s.root, filepath.FromSlash(name)), filepath.Join(s.root, source.OutputDir)
	if _, err := os.Lstat(path); err == nil && !slices.Contains(source.Outputs(s.root), name) {
		return errOthers
	}
	// No build looks into logs, whatever a killed run leaves there.
	if err := s.replaceFile(path, filepath.Join(dist, "logs"), render); err != nil {
		return err
	}
	return build.Ignore(dist)
}

// replaceFile writes a file in one step: whoever reads it meanwhile sees all of the old one or all of the new one. Until
// then it is in a scratch directory of the same file system.
func (s *session) replaceFile(path, scratch string, render func(io.Writer) error) error {
	for _, dir := range []string{filepath.Dir(path), scratch} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	file, err := os.CreateTemp(scratch, ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	redacted := s.redact.Writer(file)
	if err := errors.Join(render(redacted), redacted.Flush(), file.Chmod(0o644), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
