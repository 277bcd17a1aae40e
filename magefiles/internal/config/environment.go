package config

import (
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// Environment is EnvironmentOf for a branch.
func (c *Config) Environment(name, branch string) (*Environment, error) {
	return c.EnvironmentOf(name, Ref{Branch: branch})
}

// EnvironmentOf returns the environment of the given name or, where name is "", the only one that ref deploys to. Everything else
// is wrong usage (exit code 2): a ref that deploys nowhere, or to several environments, however exactly one of them names it.
func (c *Config) EnvironmentOf(name string, ref Ref) (*Environment, error) {
	if name != "" {
		return c.environmentNamed(name)
	}
	if ref == (Ref{}) {
		return nil, c.noEnvironment("the commit is on no branch")
	}
	var found []int
	for i, e := range c.Environments {
		if e.matchingGlob(ref) != "" {
			found = append(found, i)
		}
	}
	switch len(found) {
	case 0:
		return nil, c.noEnvironment(fmt.Sprintf("%s deploys nowhere", ref))
	case 1:
		return &c.Environments[found[0]], nil
	default:
		return nil, c.ambiguousEnvironment(ref, found)
	}
}

func (c *Config) environmentNamed(name string) (*Environment, error) {
	if found := c.environmentByName(name); found != nil {
		return found, nil
	}
	return nil, problem.New(problem.Usage, yamlschema.Suggest(name, "environments", c.environmentNames()),
		"choosing the environment: there is no environment %q", name).At(c.Place(0, 0))
}

func (c *Config) noEnvironment(reason string) error {
	var remedy strings.Builder
	remedy.WriteString("name the environment: " + environmentFlags(c.Environments))
	for _, e := range c.Environments {
		var refs []string
		if len(e.Branches) > 0 {
			refs = append(refs, "branches "+strings.Join(e.Branches, ", "))
		}
		if len(e.Tags) > 0 {
			refs = append(refs, "tags "+strings.Join(e.Tags, ", "))
		}
		if len(refs) == 0 {
			refs = []string{"no branch, only by -env"}
		}
		fmt.Fprintf(&remedy, "\n%s takes %s", e.Name, strings.Join(refs, " and "))
	}
	return problem.New(problem.Usage, remedy.String(), "choosing the environment: %s", reason).At(c.Place(0, 0))
}

// ambiguousEnvironment names each environment with the pattern that matches and where it stands.
func (c *Config) ambiguousEnvironment(ref Ref, found []int) error {
	var environments []Environment
	var claims []string
	for _, i := range found {
		e := c.Environments[i]
		environments = append(environments, e)
		place := problem.Place{File: c.Path, Line: e.Line, Column: e.Column}
		claims = append(claims, fmt.Sprintf("%q (%s) by %q", e.Name, place, e.matchingGlob(ref)))
	}
	second := environments[1]
	return problem.New(problem.Usage, "name the environment: "+environmentFlags(environments)+"\nor make the branches of one of them "+
		"narrower",
		"choosing the environment: %s deploys to several: %s", ref, strings.Join(claims, " and ")).
		At(c.Place(second.Line, second.Column))
}

// environmentFlags are the flags that choose one of the environments.
func environmentFlags(environments []Environment) string {
	names := make([]string, len(environments))
	for i, e := range environments {
		names[i] = "-env=" + e.Name
	}
	return strings.Join(names, " or ")
}
