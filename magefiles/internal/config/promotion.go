package config

import (
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// checkPromotions reports environments whose source does not exist, or leads back to themselves.
func checkPromotions(d *yamlschema.Decoder, c *Config) {
	for _, e := range c.Environments {
		if e.From == "" {
			continue
		}
		if c.environmentByName(e.From) == nil {
			d.Report(e.fromLine, e.fromColumn, yamlschema.Suggest(e.From, "environments", c.environmentNames()),
				"environments.%s.from is %q, which is not an environment", e.Name, e.From)
			continue
		}
		if e.From == e.Name {
			d.Report(e.fromLine, e.fromColumn, "name the environment that is deployed before it, e.g. stage",
				"environments.%s.from is the environment itself", e.Name)
			continue
		}
		if circle := c.wayBack(e); circle != "" {
			d.Report(e.fromLine, e.fromColumn, "remove one `from` of the circle", "environments.%s.from leads back to itself: %s", e.Name,
				circle)
		}
	}
}

// wayBack is the way from an environment over its sources back to itself, "" where there is none.
func (c *Config) wayBack(start Environment) string {
	way, seen := start.Name, []string{start.Name}
	for at := c.environmentByName(start.From); at != nil && at.From != ""; at = c.environmentByName(at.From) {
		way += " from " + at.Name
		if at.From == start.Name {
			return way + " from " + start.Name
		}
		if slices.Contains(seen, at.Name) {
			return "" // a circle that others are in
		}
		seen = append(seen, at.Name)
	}
	return ""
}

func (c *Config) environmentByName(name string) *Environment {
	for i := range c.Environments {
		if c.Environments[i].Name == name {
			return &c.Environments[i]
		}
	}
	return nil
}

func (c *Config) environmentNames() []string {
	names := make([]string, len(c.Environments))
	for i, e := range c.Environments {
		names[i] = e.Name
	}
	return names
}

// Source returns the environment that `to` is promoted from: the one named, or the one of its `from` where name is "". Wrong
// names and a missing `from` are wrong usage (exit code 2).
func (c *Config) Source(to *Environment, name string) (*Environment, error) {
	if name == "" {
		name = to.From
	}
	if name == "" {
		return nil, problem.New(problem.Usage, "write `from:` below the environment in "+FileName+", or name it: -from=stage",
			"choosing what to promote: nothing says from where %q is promoted", to.Name).At(c.Place(to.Line, to.Column))
	}
	from, err := c.environmentNamed(name)
	if err != nil {
		return nil, err
	}
	if from.Name == to.Name {
		return nil, problem.New(problem.Usage, "name another environment: -from=stage",
			"choosing what to promote: %q cannot be promoted to itself", to.Name).At(c.Place(to.Line, to.Column))
	}
	return from, nil
}
