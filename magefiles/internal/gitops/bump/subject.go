package bump

import (
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Subject words the first line of a commit; forced says that a guard is overridden. Nothing is ever found by it: people word it.
func (b Bump) Subject(draft *edit.Draft, forced bool) (string, error) {
	s := plan.Subject{
		Headline: b.headline(draft, forced), Service: b.Service, Environment: b.Environment,
		Branch: b.Source.Branch, Version: b.Source.Version,
		Commits: slices.DeleteFunc(b.Commits(), func(sha commitid.ID) bool { return sha == "" }),
	}
	template := b.Deployment.Message
	text, err := s.Of(template)
	if err != nil {
		return "", problem.New(problem.Usage, "write one line such as `TEAM-1 {{ .Headline }}`",
			"executing the template %q for the commit to %s@%s: %w",
			template.Text, b.Deployment.Repository, b.Deployment.Branch, err).
			At(problem.Place{File: config.FileName, Line: template.Line, Column: template.Column})
	}
	return text, nil
}

// headline returns in one line what the commit does.
func (b Bump) headline(draft *edit.Draft, forced bool) string {
	line := b.describeAction(draft)
	if forced || len(b.Forced) > 0 {
		line += " (forced)"
	}
	return line
}

func (b Bump) describeAction(draft *edit.Draft) string {
	var lifted []string
	for _, name := range b.Lift {
		lifted = append(lifted, escape.Commit(string(name))) // of a file of the deployment repository
	}
	held := make([]string, len(b.Hold))
	for i, h := range b.Hold {
		held[i] = escape.Commit(string(h.Component))
	}
	switch {
	case b.Rollback != nil:
		return plan.Headline("rollback", b.Environment, b.Service, "to "+b.ShortSHA())
	case len(b.Hold) > 0:
		return plan.Headline("hold", b.Environment, b.Service, strings.Join(held, ", "))
	case len(b.Lift) > 0:
		return plan.Headline("lift", b.Environment, b.Service, strings.Join(lifted, ", "))
	}
	action, build := "deploy", b.ShortSHA()
	if len(draft.Kept) > 0 && len(draft.Changes) == 0 {
		action = "keep"
	}
	if b.Promoted != nil {
		build += " from " + b.Promoted.Environment
	}
	return plan.Headline(action, b.Environment, b.Service, build)
}
