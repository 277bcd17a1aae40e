package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Environment gives the environment of the given name or, where name is "", the only one that branch deploys to. branch
// is a short name, "" on a detached commit that nothing names. Everything else is wrong usage (exit code 2): a branch
// that deploys nowhere, or to several environments, however exactly one of them names it.
func (c *Config) Environment(name, branch string) (*Environment, error) {
	if name != "" {
		return c.environmentNamed(name)
	}
	if branch == "" {
		return nil, c.noEnvironment("the commit is on no branch")
	}
	var found []int
	for i, e := range c.Environments {
		if e.matching(branch) != "" {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 0:
		return nil, c.noEnvironment(fmt.Sprintf("branch %q deploys nowhere", branch))
	case 1:
		return &c.Environments[found[0]], nil
	default:
		return nil, c.ambiguous(branch, found)
	}
}

func (c *Config) environmentNamed(name string) (*Environment, error) {
	if found := c.named(name); found != nil {
		return found, nil
	}
	return nil, problem.New(problem.Usage, suggest(name, "environments", c.environmentNames()),
		"choosing the environment: there is no environment %q", name).At(c.Place(0, 0))
}

// matching is the first of the environment's globs that matches branch, "" if none does.
func (e Environment) matching(branch string) string {
	if i := slices.IndexFunc(e.Branches, func(glob string) bool { return matchGlob(glob, branch) }); i >= 0 {
		return e.Branches[i]
	}
	return ""
}

func (c *Config) noEnvironment(reason string) error {
	var remedy strings.Builder
	remedy.WriteString("name the environment: " + flags(c.Environments))
	for _, e := range c.Environments {
		branches := "no branch, only by -env"
		if len(e.Branches) > 0 {
			branches = "branches " + strings.Join(e.Branches, ", ")
		}
		fmt.Fprintf(&remedy, "\n%s takes %s", e.Name, branches)
	}
	return problem.New(problem.Usage, remedy.String(), "choosing the environment: %s", reason).At(c.Place(0, 0))
}

// ambiguous names each environment with the pattern that matches and where it stands.
func (c *Config) ambiguous(branch string, found []int) error {
	var environments []Environment
	var claims []string
	for _, i := range found {
		e := c.Environments[i]
		environments = append(environments, e)
		place := problem.Place{File: c.Path, Line: e.Line, Column: e.Column}
		claims = append(claims, fmt.Sprintf("%q (%s) by %q", e.Name, place, e.matching(branch)))
	}
	second := environments[1]
	return problem.New(problem.Usage, "name the environment: "+flags(environments)+"\nor make the branches of one of them narrower",
		"choosing the environment: branch %q deploys to several: %s", branch, strings.Join(claims, " and ")).
		At(c.Place(second.Line, second.Column))
}

// flags are the flags that choose one of the environments.
func flags(environments []Environment) string {
	names := make([]string, len(environments))
	for i, e := range environments {
		names[i] = "-env=" + e.Name
	}
	return strings.Join(names, " or ")
}
