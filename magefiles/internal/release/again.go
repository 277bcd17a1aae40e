package release

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// next is the command line that continues this run.
func (s *session) next() string {
	if s.again != "" {
		return s.again
	}
	return s.sameAgain()
}

// sameAgain is the command line of this run, in the environment that was found.
func (s *session) sameAgain() string {
	o := s.options
	o.Environment = cmp.Or(s.report.Environment, o.Environment)
	return commandLine(s.report.Command, o)
}

// waitAgain is what continues a run whose commits are made.
func (s *session) waitAgain() string {
	return commandLine(report.CommandWait, Options{Environment: s.report.Environment, Only: s.options.Only, Timeout: s.options.Timeout})
}

// commandLine is what to type for a command with these options, quoted for a shell. How it shows and prints is left out.
func commandLine(command report.Command, o Options) string {
	line := []string{"mage", string(command)}
	add := func(flag, value string) {
		if value != "" {
			line = append(line, "-"+flag+"="+quote(value))
		}
	}
	set := func(flag string, on bool) {
		if on {
			line = append(line, "-"+flag)
		}
	}
	number := func(n int) string { return strings.TrimPrefix(fmt.Sprint(n), "0") }
	add("env", o.Environment)
	add("from", o.From)
	add("to", o.To)
	add("steps", number(o.Steps))
	add("only", strings.Join(o.Only, ","))
	add("changedSince", o.Since)
	add("reason", o.Reason)
	set("lift", o.Lift)
	set("build", o.Build)
	add("images", strings.Join(o.Images, " "))
	set("rebuild", o.Rebuild)
	set("explain", o.Explain)
	add("parallel", number(o.Parallel))
	set("lint", o.Lint)
	set("force", o.Force)
	set("dryRun", o.DryRun)
	set("noWait", o.NoWait)
	if o.Timeout != 0 {
		add("timeout", o.Timeout.Round(time.Millisecond).String())
	}
	return strings.Join(line, " ")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=-]+$`)

// quote makes one word of a POSIX shell of a text.
func quote(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// continued puts the command that continues this run into an error that ends it: in place of a remedy that only says that
// the command is to be run again, which may be wrong after a commit, or else below the remedy, once there may be a commit.
func (s *session) continued(err error) error {
	if err == nil || s.again == "" {
		return err
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		errs := append([]error{s.continued(joined.Unwrap()[0])}, joined.Unwrap()[1:]...)
		return errors.Join(errs...)
	}
	remedy := ""
	if p := problem.As(err); p != nil {
		remedy = p.Remedy
	}
	rest, again := strings.CutPrefix(remedy, problem.Again)
	refused := report.OutcomeOf(err) == report.Refused && s.report.Command != report.CommandRollback
	switch {
	case remedy == "" || again:
		remedy = s.again + "\n" + strings.TrimLeft(rest, " :;,")
	case s.begun && !refused && !strings.Contains(remedy, s.again):
		remedy += "\n" + s.again
	default:
		return err
	}
	return problem.New(report.NewError(err).Exit, strings.TrimSuffix(remedy, "\n"), "%w", err)
}
