package plan

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Subject holds the fields that the subject of a commit in a deployment repository may name. A field without a value is empty.
type Subject struct {
	Headline    string // the whole subject where the configuration words none
	Service     string
	Environment string
	Commits     []commitid.ID // of the application repository, whole
	Branch      string
	Version     string
}

// Headline says in a line what is done to what.
func Headline(action, environment, service, what string) string {
	return fmt.Sprintf("%s(%s): %s %s", action, environment, service, what)
}

// Of returns the subject as a template words it, or the headline. Only what the template itself says acts in the deployment
// repository: no value closes an issue there or mentions an account. What GitHub takes for no title is cut off.
func (s Subject) Of(t config.Template) (string, error) {
	text, err := s.Headline, error(nil)
	if t.Text != "" {
		text, err = t.Subject(s.fields())
	}
	if utf8.RuneCountInString(text) > config.MostSubject {
		text = string([]rune(text)[:config.MostSubject-1]) + "…"
	}
	return text, err
}

func (s Subject) fields() map[string]string {
	whole, short := make([]string, len(s.Commits)), make([]string, len(s.Commits))
	for i, sha := range s.Commits {
		whole[i], short[i] = string(sha), sha.Short()
	}
	fields := map[string]string{
		"Headline": s.Headline, "Service": s.Service, "Environment": s.Environment, "Branch": s.Branch, "Version": s.Version,
		"SHA": strings.Join(whole, ", "), "ShortSHA": strings.Join(short, ", "),
	}
	for name, value := range fields {
		if value != "" && name != "Headline" { // which is made of such values
			fields[name] = escape.Commit(value)
		}
	}
	return fields
}

// commitSubjects words the commits of a release, so that a template which fails does so before anything else.
func (n namer) commitSubjects(deployments []Deployment) error {
	subject := Subject{
		Headline: Headline("deploy", n.environment, n.cfg.Service, n.commit.SHA.Short()),
		Service:  n.cfg.Service, Environment: n.environment, Commits: []commitid.ID{n.commit.SHA},
		Branch: n.commit.Branch, Version: n.commit.Version,
	}
	for i, d := range deployments {
		var err error
		if deployments[i].Subject, err = subject.Of(d.Message); err != nil {
			return problem.New(problem.Usage, "write one line such as `TEAM-1 {{ .Headline }}`",
				"executing the template %q: %w", d.Message.Text, err).At(n.templatePlace(d.Message))
		}
	}
	return nil
}
