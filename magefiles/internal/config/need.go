package config

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// checkNeeds checks that components need others that exist, and none itself, directly or through others.
func checkNeeds(d *yamlschema.Decoder, c *Config) {
	known := c.componentNames()
	for _, needing := range c.Components {
		at := &yaml.Node{Line: needing.Line, Column: needing.Column}
		for _, need := range needing.Needs {
			if !slices.Contains(known, need) {
				d.ReportAt(at, suggestComponent(need, known), "components.%s.needs: there is no component %q",
					needing.Name, need)
			}
			if _, taken := needing.Contexts[string(need)]; taken {
				d.ReportAt(at, "rename the context, or remove the need", "components.%s: %q is a context and a need", needing.Name, need)
			}
		}
		if circle := c.needCircle(needing.Name, nil); circle != nil {
			d.ReportAt(at, "let one of them not need the other", "components.%s.needs leads back to itself: %s", needing.Name,
				component.Join(circle, " needs "))
		}
	}
}

// needCircle returns the way from a component back to itself, nil where there is none.
func (c *Config) needCircle(name component.Name, way []component.Name) []component.Name {
	if slices.Contains(way, name) {
		if way[0] == name {
			return append(way, name)
		}
		return nil // another component's circle
	}
	needing, ok := c.Component(name)
	if !ok {
		return nil
	}
	for _, need := range needing.Needs {
		if found := c.needCircle(need, append(slices.Clone(way), name)); found != nil {
			return found
		}
	}
	return nil
}
