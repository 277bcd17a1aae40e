package release

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// ref is the branch or the tag that the workflow runs for. A short name alone does not tell which of them it is, and a pull
// request's is neither.
func (s *session) ref() (branch, tag string) {
	ref, name := s.vars.Get(vars.Ref), s.vars.Get(vars.RefName)
	if short, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
		return short, ""
	}
	if short, ok := strings.CutPrefix(ref, "refs/tags/"); ok {
		return "", short
	}
	switch {
	case ref != "":
		return "", ""
	case s.vars.Get(vars.RefType) == "tag":
		return "", name
	}
	return name, ""
}

func refOf(commit source.Commit) config.Ref {
	return config.Ref{Branch: commit.Branch, Tag: commit.Tag}
}

// requireRef holds -env to what the environment says of branches and tags. Any workflow with write access can name an
// environment, so there it is refused; on a laptop, whose owner has the token in hand, it is said, here and in the commit.
func (s *session) requireRef(environment *config.Environment, commit source.Commit) error {
	builds := s.report.Command == report.CommandRelease || s.report.Command == report.CommandBump
	if s.options.Environment == "" || !builds && !s.redeploys() {
		return nil
	}
	ref := refOf(commit)
	admitted, known := s.config.Admits(environment, ref)
	if builds && !environment.NamesRefs() { // what it is promoted from builds for it
		admitted, known = false, environment.From != ""
	}
	workflow := s.vars.Get(vars.Actions) == "true"
	switch {
	case admitted, !known && !(workflow && builds), !workflow && !environment.NamesRefs():
		return nil
	case workflow:
		return problem.New(problem.Refused, refRemedy(environment, builds),
			"refusing -env=%s: this workflow runs for %s, and the environment does not take that", environment.Name, ref).
			At(s.config.Place(environment.Line, environment.Column))
	}
	s.offRef = fmt.Sprintf("%s, which %s does not take", ref, environment.Name)
	s.console.Warn("-env: the checkout is of " + s.offRef + "; the commit will say so")
	return nil
}

// redeploys reports whether the command changes an environment without building for it.
func (s *session) redeploys() bool {
	changes := []report.Command{report.CommandPromote, report.CommandRollback}
	return slices.Contains(changes, s.report.Command) || s.report.Command == report.CommandHold && (s.options.Lift || s.options.Reason != "")
}

func refRemedy(environment *config.Environment, builds bool) string {
	takes := slices.Concat(environment.Branches, environment.Tags)
	switch {
	case len(takes) > 0:
		return "run it for one that it takes: " + strings.Join(takes, ", ") + "\nor add this one to `branches` or `tags` of the environment"
	case builds && environment.From != "":
		return "promote what " + environment.From + " has: mage promote -env=" + environment.Name
	case builds:
		return "say which branches or tags deploy there, by `branches` or `tags` of the environment"
	}
	return "run it for a branch or tag that deploys to " + environment.From
}
