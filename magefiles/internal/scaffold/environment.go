package scaffold

import (
	"regexp"
	"slices"
	"strings"
)

// Environment is a place to deploy to, with what is known of it.
type Environment struct {
	Name       string
	Branches   []string
	Tags       []string // that deploy today, in place of branches
	Repository string   // of the deployment, or words in angle brackets
	Branch     string   // of it
	File       string   // in it, or words in angle brackets
	Set        string   // yq expression
	PullReq    bool     // changes are proposed

	Found, FileFound, SetFound string // the places that tell of Repository, File and Set; empty where none does
}

// The words that stand where only a person knows the value; config refuses them with their place.
const (
	whichRepository = "<the deployment repository, owner/name>"
	whichFile       = "<the path of its values file>"
)

// branchHabits are the branches that deploy to an environment in most repositories.
var branchHabits = []struct {
	environment string
	branches    *regexp.Regexp
}{
	{"dev", regexp.MustCompile(`^dev(?:elop|elopment)?$`)},
	{"stage", regexp.MustCompile(`^(?:stag(?:e|ing)|(?:stabilize|release|hotfix)/.+)$`)},
	{"prod", regexp.MustCompile(`^(?:prod|production)$`)},
}

// mainBranch is production, unless a branch of that name is.
var mainBranch = regexp.MustCompile(`^(?:main|master)$`)

// detectEnvironments are those that the branches tell of. The only one is never production, and production gets pull requests.
func detectEnvironments(f Facts, l Layout) []Environment {
	found := environmentsOf(f.Branches)
	switch {
	case len(found) == 0 && f.Branch != "":
		found = []Environment{{Name: "stage", Branches: []string{f.Branch}}}
	case len(found) == 0:
		found = []Environment{{Name: "stage", Branches: []string{"main"}}}
	case len(found) == 1:
		found[0].Name = "stage"
	}
	for i := range found {
		e := &found[i]
		e.PullReq = e.Name == "prod"
		e.Repository, e.Branch, e.File, e.Set = whichRepository, "main", whichFile, usualSet
	}
	followDeliveries(found, f.declarations().Deliveries(), l.Components)
	return found
}

// environmentsOf follows common conventions. Where production has a branch of its own and stage has none, main is for stage.
func environmentsOf(branches []string) (found []Environment) {
	add := func(name string, matching ...string) {
		if len(matching) > 0 {
			found = append(found, Environment{Name: name, Branches: globs(matching)})
		}
	}
	matching := func(pattern *regexp.Regexp) []string {
		return slices.DeleteFunc(slices.Clone(branches), func(name string) bool { return !pattern.MatchString(name) })
	}
	main := matching(mainBranch)
	production := matching(branchHabits[2].branches)
	add(branchHabits[0].environment, matching(branchHabits[0].branches)...)
	if stage := matching(branchHabits[1].branches); len(production) > 0 && len(stage) == 0 {
		add("stage", main...)
	} else {
		add("stage", stage...)
		if len(production) == 0 {
			production = main
		}
	}
	add("prod", production...)
	return found
}

// globs makes one pattern of several branches below one folder, such as release/1.0 and release/1.1.
func globs(branches []string) []string {
	var patterns []string
	for _, name := range branches {
		pattern := name
		if dir, _, ok := strings.Cut(name, "/"); ok && slices.ContainsFunc(branches, func(other string) bool {
			return other != name && strings.HasPrefix(other, dir+"/")
		}) {
			pattern = dir + "/**"
		}
		patterns = append(patterns, pattern)
	}
	return slices.Compact(patterns)
}
