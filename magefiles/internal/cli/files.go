package cli

import (
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/page"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// writeFiles keeps the report in .astrago/, where it outlives the log: as -json prints it, and as a page for people. It is no
// reason to fail a run.
func (w reportWriter) writeFiles() {
	env := w.env
	if env.Project.Root == "" || env.Command.ReadOnly || env.Command.PrintsItself {
		return
	}
	page := func(to io.Writer, r report.Report) error { return page.WriteRun(to, r, readerLanguage(env.Project)) }
	for name, render := range map[string]func(io.Writer, report.Report) error{"release.json": report.WriteJSON, "release.html": page} {
		if err := w.writeFile(name, w.render(render)); err != nil {
			env.Console.Note(fmt.Sprintf("%s/%s is not written: %v", output.Name, name, err))
		}
	}
}

// writeFile writes a file of the output directory, without secrets.
func (w reportWriter) writeFile(name string, render func(io.Writer) error) error {
	dir, err := output.In(w.env.Project.Root)
	if err != nil {
		return err
	}
	if path.Ext(name) == ".json" { // programs read it
		return dir.Renew(name, w.withoutDeclaredSecrets(render))
	}
	return dir.Renew(name, w.env.WithoutSecrets(render))
}

// withoutDeclaredSecrets renders a document for programs.
func (w reportWriter) withoutDeclaredSecrets(render func(io.Writer) error) func(io.Writer) error {
	return func(to io.Writer) error {
		redacted := w.env.Redact.DeclaredWriter(to)
		return errors.Join(render(redacted), redacted.Flush())
	}
}

// readerLanguage returns the language of the first subscriber.
func readerLanguage(p *Project) string {
	var subscribers []config.Notify
	switch {
	case p.Plan != nil:
		subscribers = p.Plan.Notify
	case p.Config != nil:
		subscribers = p.Config.Notify
	}
	if len(subscribers) == 0 {
		return ""
	}
	return string(subscribers[0].Language)
}
