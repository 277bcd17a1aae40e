package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// checkNeeds checks that components need others that exist, and none itself, directly or through others.
func checkNeeds(d *yamlschema.Decoder, c *Config) {
	known := make([]string, len(c.Components))
	for i, component := range c.Components {
		known[i] = component.Name
	}
	for _, component := range c.Components {
		at := &yaml.Node{Line: component.Line, Column: component.Column}
		for _, need := range component.Needs {
			if !slices.Contains(known, need) {
				d.ReportAt(at, yamlschema.Suggest(need, "components", known), "components.%s.needs: there is no component %q",
					component.Name, need)
			}
			if _, taken := component.Contexts[need]; taken {
				d.ReportAt(at, "rename the context, or remove the need", "components.%s: %q is a context and a need", component.Name, need)
			}
		}
		if circle := c.needCircle(component.Name, nil); circle != nil {
			d.ReportAt(at, "let one of them not need the other", "components.%s.needs leads back to itself: %s", component.Name,
				strings.Join(circle, " needs "))
		}
	}
}

// needCircle returns the way from a component back to itself, nil where there is none.
func (c *Config) needCircle(name string, way []string) []string {
	if slices.Contains(way, name) {
		if way[0] == name {
			return append(way, name)
		}
		return nil // another component's circle
	}
	component, ok := c.Component(name)
	if !ok {
		return nil
	}
	for _, need := range component.Needs {
		if found := c.needCircle(need, append(slices.Clone(way), name)); found != nil {
			return found
		}
	}
	return nil
}
