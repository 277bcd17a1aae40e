package deployment

import (
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Subject returns the subject of the commit that Bump.Draft has drafted, "" where nothing is to be committed. Where -force overrides a
// guard, the headline says so in addition.
func (d *Draft) Subject() string {
	if len(d.Files) == 0 {
		return ""
	}
	return d.subject
}

// subject words the first line of a commit. Nothing is ever found by it: people word it.
func (b Bump) subject(draft *Draft, v verdict) (string, error) {
	s := plan.Subject{
		Headline: b.headline(draft, v), Service: b.Service, Environment: b.Environment, Branch: b.Source.Branch, Version: b.Source.Version,
		Commits: slices.DeleteFunc(b.commits(), func(sha string) bool { return sha == "" }),
	}
	template := b.Deployment.Message
	text, err := s.Of(template)
	if err != nil {
		return "", problem.New(problem.Usage, "write one line such as `TEAM-1 {{ .Headline }}`", "executing the template %q for the commit to %s@%s: %w",
			template.Text, b.Deployment.Repository, b.Deployment.Branch, err).At(problem.Place{File: config.FileName, Line: template.Line, Column: template.Column})
	}
	return text, nil
}
