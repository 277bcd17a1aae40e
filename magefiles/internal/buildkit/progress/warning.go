package progress

import (
	"cmp"
	"errors"
	"path"
	"regexp"
	"slices"

	"github.com/moby/buildkit/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Warning is a problem that does not stop the build: a finding of one of BuildKit's checks of a Dockerfile
// (docs.docker.com/reference/build-checks), or a build context that is larger than it should be.
type Warning struct {
	Rule       string // of the check, e.g. StageNameCasing; empty for a context
	Message    string
	Remedy     string // the address that explains the rule, or what to do; may be empty
	Place      problem.Place
	Components []component.Name // those whose builds say it
}

// checkText is a check's text with its rule and line (buildkit, frontend/dockerfile/linter, LintFormatShort).
var checkText = regexp.MustCompile(`(?s)^(\w+): (.*) \(line \d+\)$`)

func newWarning(w *client.VertexWarning) Warning {
	warning := Warning{Message: string(w.Short), Remedy: w.URL}
	if parts := checkText.FindStringSubmatch(warning.Message); parts != nil {
		warning.Rule, warning.Message = parts[1], parts[2]
	}
	if w.SourceInfo != nil && w.SourceInfo.Filename != "" {
		warning.Place.File = path.Clean(w.SourceInfo.Filename)
	}
	if len(w.Range) > 0 {
		warning.Place.Line = int(w.Range[0].GetStart().GetLine())
	}
	return warning
}

// Warnings are all that the builds of a Run warn of, each once however many components it comes from.
type Warnings []Warning

// Add notes a warning of a component and reports whether the component has not said it yet.
func (all *Warnings) Add(w Warning, name component.Name) bool {
	i := slices.IndexFunc(*all, func(other Warning) bool {
		return other.Rule == w.Rule && other.Message == w.Message && other.Place == w.Place
	})
	if i < 0 {
		i = len(*all)
		*all = append(*all, w)
	}
	said := &(*all)[i].Components
	if slices.Contains(*said, name) {
		return false
	}
	*said = append(*said, name)
	return true
}

// Sorted returns them by place.
func (all Warnings) Sorted() []Warning {
	return slices.SortedStableFunc(slices.Values(all), func(a, b Warning) int {
		return cmp.Or(cmp.Compare(a.Place.File, b.Place.File), a.Place.Line-b.Place.Line, cmp.Compare(a.Rule, b.Rule))
	})
}

// LintError is the error of a build whose Dockerfiles must pass all checks: one problem for each place. What the daemon builds
// does not depend on it; telling the frontend to fail would, and would show the first Dockerfile's checks only.
func (all Warnings) LintError() error {
	var found []error
	for _, w := range all {
		if w.Rule != "" {
			found = append(found, problem.New(problem.Failed, w.Remedy, "checking the Dockerfile: %s: %s", w.Rule, w.Message).At(w.Place))
		}
	}
	return errors.Join(found...)
}
