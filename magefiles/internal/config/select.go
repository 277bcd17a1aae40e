package config

import (
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// Component returns the component of a name.
func (c *Config) Component(name string) (Component, bool) {
	i := slices.IndexFunc(c.Components, func(component Component) bool { return component.Name == name })
	if i < 0 {
		return Component{}, false
	}
	return c.Components[i], true
}

// Select returns the components of the given names in the order of the file; no names give all. An unknown name is wrong
// usage (exit code 2).
func (c *Config) Select(names []string) ([]Component, error) {
	if len(names) == 0 {
		return slices.Clone(c.Components), nil
	}
	known := make([]string, len(c.Components))
	for i, component := range c.Components {
		known[i] = component.Name
	}
	wanted := map[string]bool{}
	for _, name := range names {
		name = strings.TrimSpace(name)
		if !slices.Contains(known, name) {
			return nil, problem.New(problem.Usage, yamlschema.Suggest(name, "components", known),
				"selecting components: there is no component %q", name).At(c.Place(0, 0))
		}
		wanted[name] = true
	}
	return slices.DeleteFunc(slices.Clone(c.Components), func(component Component) bool {
		return !wanted[component.Name]
	}), nil
}
