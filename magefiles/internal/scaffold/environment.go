package scaffold

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// Environment is a place to deploy to, with what is known of it.
type Environment struct {
	Name       string
	Branches   []string
	Repository string // of the deployment, or words in angle brackets
	File       string // in it, or words in angle brackets
	Set        string // yq expression
	PullReq    bool   // changes are proposed
	Found      string // the workflow that tells; empty where nothing does
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
	{"prod", regexp.MustCompile(`^(?:main|master|prod|production)$`)},
}

// detectEnvironments are those that the branches tell of. The only one is never production, and production gets pull requests.
func detectEnvironments(f Facts, components []Component) []Environment {
	var found []Environment
	for _, habit := range branchHabits {
		branches := slices.DeleteFunc(slices.Clone(f.Branches), func(name string) bool { return !habit.branches.MatchString(name) })
		if len(branches) > 0 {
			found = append(found, Environment{Name: habit.environment, Branches: globs(branches)})
		}
	}
	switch {
	case len(found) == 0 && f.Branch != "":
		found = []Environment{{Name: "stage", Branches: []string{f.Branch}}}
	case len(found) == 0:
		found = []Environment{{Name: "stage", Branches: []string{"main"}}}
	case len(found) == 1:
		found[0].Name = "stage"
	}
	h := environmentHint(f, components)
	for i := range found {
		e := &found[i]
		e.PullReq = e.Name == "prod"
		e.Repository, e.File, e.Set, e.Found = h.repository, whichFile, h.set, h.workflow
		if len(found) == 1 {
			e.File = h.file
		}
	}
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

// deploymentHint is what workflows of today say of the deployment.
type deploymentHint struct{ repository, file, set, workflow string }

var (
	usedRepository = regexp.MustCompile(`(?m)^\s*repository:\s*["']?([A-Za-z0-9-]+/[A-Za-z0-9._-]+)["']?\s*$`)
	usedPath       = regexp.MustCompile(`(?m)^\s*path:\s*["']?\.?/?([A-Za-z0-9._/-]+?)/?["']?\s*$`)
	usedFile       = regexp.MustCompile(`[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*/values[A-Za-z0-9._-]*\.ya?ml`)
	usedSet        = regexp.MustCompile(`((?:\.[A-Za-z0-9_-]+)*)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_]*[tT]ag)\s*=`)
)

// environmentHint reads the workflows: what they all agree on is believed, and a person looks at it.
func environmentHint(f Facts, components []Component) deploymentHint {
	h := deploymentHint{repository: whichRepository, file: whichFile, set: `.{{ .Component }}.imageTag = "{{ .Tag }}"`}
	var repositories, files, sets []string
	for _, name := range f.ownFiles() {
		if path.Dir(name) != ".github/workflows" {
			continue
		}
		text := f.readFile(name)
		before := len(repositories) + len(files)
		repositories = append(repositories, allSubmatches(usedRepository, text)...)
		checkouts := allSubmatches(usedPath, text)
		for _, file := range usedFile.FindAllString(text, -1) {
			for _, checkout := range checkouts {
				file = strings.TrimPrefix(file, checkout+"/")
			}
			files = append(files, file)
		}
		for _, match := range usedSet.FindAllStringSubmatch(text, -1) {
			if slices.ContainsFunc(components, func(c Component) bool { return c.Name == match[2] }) {
				sets = append(sets, match[1]+".{{ .Component }}."+match[3]+` = "{{ .Tag }}"`)
			}
		}
		if len(repositories)+len(files) > before {
			h.workflow = name
		}
	}
	repositories = slices.DeleteFunc(repositories, func(name string) bool { return strings.EqualFold(name, f.Repository) })
	takeIfAgreed(&h.repository, repositories)
	takeIfAgreed(&h.file, files)
	takeIfAgreed(&h.set, sets)
	return h
}

func allSubmatches(expression *regexp.Regexp, text string) []string {
	var all []string
	for _, match := range expression.FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	return all
}

func takeIfAgreed(into *string, found []string) {
	slices.Sort(found)
	if found = slices.Compact(found); len(found) == 1 {
		*into = found[0]
	}
}
