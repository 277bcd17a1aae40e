package cli

import (
	"errors"
	"io"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
)

// Print writes lines that a program reads to standard output. They are never masked, since a masked name is another name:
// where one would hold a secret, nothing is written and the run fails.
func (env *Env) Print(render func(io.Writer) error) error {
	var text strings.Builder
	if err := render(&text); err != nil {
		return err
	}
	if err := requireNoSecret(env.Redact, text.String()); err != nil {
		return err
	}
	_, err := io.WriteString(env.Process.Stdout, text.String())
	return err
}

// PrintText is Print of a text.
func (env *Env) PrintText(text string) error {
	return env.Print(func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
}

// PrintDocument writes a JSON document to standard output, with the declared secrets masked in it.
func (env *Env) PrintDocument(render func(io.Writer) error) error {
	stdout := env.Redact.DeclaredWriter(env.Process.Stdout)
	return errors.Join(render(stdout), stdout.Flush())
}

// PrintConsole writes to standard output what people read there.
func (env *Env) PrintConsole(render func(*console.Console)) error {
	stdout := env.Redact.Writer(env.Process.Stdout)
	render(console.New(stdout, consoleOptions(env.Vars, env.Process.Stdout)))
	return stdout.Flush()
}

// WithoutSecrets renders what leaves the process for people.
func (env *Env) WithoutSecrets(render func(io.Writer) error) func(io.Writer) error {
	return func(w io.Writer) error {
		redacted := env.Redact.Writer(w)
		return errors.Join(render(redacted), redacted.Flush())
	}
}

func requireNoSecret(r *redact.Redactor, text string) error {
	if !r.Reveals(text) {
		return nil
	}
	return problem.New(problem.Failed, "give the secret another value, or the image, tag or branch another name",
		"writing the result for programs: it would hold the value of a secret, and masked it would name something else")
}
