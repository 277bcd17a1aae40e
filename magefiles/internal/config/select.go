package config

import (
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// Component returns the component of a name.
func (c *Config) Component(name component.Name) (Component, bool) {
	i := slices.IndexFunc(c.Components, func(each Component) bool { return each.Name == name })
	if i < 0 {
		return Component{}, false
	}
	return c.Components[i], true
}

// Select returns the components of the given names in the order of the file; no names give all. An unknown name is wrong
// usage (exit code 2).
func (c *Config) Select(names []component.Name) ([]Component, error) {
	if len(names) == 0 {
		return slices.Clone(c.Components), nil
	}
	known := c.componentNames()
	wanted := map[component.Name]bool{}
	for _, name := range names {
		name = component.Name(strings.TrimSpace(string(name)))
		if !slices.Contains(known, name) {
			return nil, problem.New(problem.Usage, suggestComponent(name, known),
				"selecting components: there is no component %q", name).At(c.Place(0, 0))
		}
		wanted[name] = true
	}
	return slices.DeleteFunc(slices.Clone(c.Components), func(each Component) bool { return !wanted[each.Name] }), nil
}

func (c *Config) componentNames() []component.Name {
	names := make([]component.Name, len(c.Components))
	for i, each := range c.Components {
		names[i] = each.Name
	}
	return names
}

// suggestComponent returns the remedy for a name that is none of those known.
func suggestComponent(name component.Name, known []component.Name) string {
	return yamlschema.Suggest(string(name), "components", component.Texts(known))
}
