package scaffold

import (
	"regexp"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold/declared"
)

// environmentWords match an environment's names in files and workflows.
var environmentWords = map[string]*regexp.Regexp{
	"dev":   regexp.MustCompile(`(?i)(?:^|[/_.-])(?:dev|develop|development)(?:$|[/_.-])`),
	"stage": regexp.MustCompile(`(?i)(?:^|[/_.-])(?:stg|stage|staging)(?:$|[/_.-])`),
	"prod":  regexp.MustCompile(`(?i)(?:^|[/_.-])(?:prd|prod|production|live)(?:$|[/_.-])`),
}

// usualSet sets the tag of a component where most values files have it.
const usualSet = `.{{ .Component }}.imageTag = "{{ .Tag }}"`

// followDeliveries fills in what workflows of today say of the deployment: each for the environment that its branches, or its names,
// mean. What they contradict each other in stays for a person.
func followDeliveries(environments []Environment, deliveries []declared.Delivery, components []Component) {
	repositories := map[string]declared.Place{}
	for _, d := range deliveries {
		if _, seen := repositories[d.Repository]; !seen {
			repositories[d.Repository] = d.Place
		}
	}
	for i := range environments {
		e := &environments[i]
		own := slices.DeleteFunc(slices.Clone(deliveries), func(d declared.Delivery) bool { return !e.means(d) })
		if len(own) == 0 && len(environments) == 1 {
			own = deliveries
		}
		if len(repositories) == 1 {
			for name, place := range repositories {
				e.Repository, e.Found = name, place.String()
			}
		}
		e.follow(own, components, len(environments) > 1)
	}
}

// means reports whether a delivery is to an environment.
func (e Environment) means(d declared.Delivery) bool {
	words := environmentWords[e.Name]
	for _, edit := range d.Edits {
		for name, other := range environmentWords {
			if name != e.Name && other.MatchString(edit.File) {
				return false
			}
		}
		if words != nil && words.MatchString(edit.File) {
			return true
		}
	}
	if words != nil && words.MatchString(d.File) {
		return true
	}
	return slices.ContainsFunc(d.Triggers.Branches, func(pattern string) bool { return slices.Contains(e.Branches, pattern) })
}

// follow takes over file, expression and branch of the deliveries to one environment, where they agree.
func (e *Environment) follow(deliveries []declared.Delivery, components []Component, several bool) {
	var files, sets, branches, repositories []string
	words := environmentWords[e.Name]
	for _, d := range deliveries {
		branches = append(branches, d.Branch)
		repositories = append(repositories, d.Repository)
		e.Tags = append(e.Tags, d.Triggers.Tags...)
		for _, edit := range d.Edits {
			if several && words != nil && !words.MatchString(edit.File) && mentions(d.Edits, words) {
				continue // another file of the same job
			}
			files = append(files, edit.File)
			if e.FileFound == "" {
				e.FileFound = edit.Place.String()
			}
			if slices.ContainsFunc(components, func(c Component) bool { return c.Name == edit.Component }) {
				sets = append(sets, edit.Before+".{{ .Component }}"+edit.Key+` = "{{ .Tag }}"`)
				if e.SetFound == "" {
					e.SetFound = edit.Place.String()
				}
			}
		}
	}
	if repository := whichRepository; takeIfAgreed(&repository, repositories) {
		e.Repository = repository
	}
	if !takeIfAgreed(&e.File, files) {
		e.FileFound = ""
	}
	if !takeIfAgreed(&e.Set, sets) {
		e.SetFound = ""
	}
	if branch := ""; takeIfAgreed(&branch, branches) && branch != "" {
		e.Branch = branch
	}
}

func mentions(edits []declared.Edit, words *regexp.Regexp) bool {
	return slices.ContainsFunc(edits, func(e declared.Edit) bool { return words.MatchString(e.File) })
}

func takeIfAgreed(into *string, found []string) bool {
	slices.Sort(found)
	if found = slices.Compact(found); len(found) == 1 {
		*into = found[0]
		return true
	}
	return false
}
