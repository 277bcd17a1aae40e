package config

import (
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// Sets reports whether the entry sets values of a component.
func (t Deploy) Sets(name component.Name) bool {
	return len(t.Components) == 0 || slices.Contains(t.Components, name)
}

// decodeEntryComponents decodes the names of an entry's components, whose existence entryComponents checks.
func decodeEntryComponents(d *yamlschema.Decoder, target *Deploy) yamlschema.Decode {
	return func(v yamlschema.Value) {
		target.componentsLine, target.componentsColumn = v.Line, v.Column
		decodeNames(d, &target.Components)(v)
	}
}

// checkEntryComponents reports names of no component, and components that an environment or its first branch leaves out.
func checkEntryComponents(d *yamlschema.Decoder, c *Config) {
	known := c.componentNames()
	for _, e := range c.Environments {
		left := slices.Clone(known)
		for _, target := range e.Deploy {
			for _, name := range target.Components {
				if !slices.Contains(known, name) {
					d.Report(target.componentsLine, target.componentsColumn, suggestComponent(name, known),
						"environments.%s.deploy.components has %q, which is not a component", e.Name, name)
				}
			}
			if first := e.Deploy[0]; strings.EqualFold(target.Repository, first.Repository) && target.Branch == first.Branch {
				left = slices.DeleteFunc(left, target.Sets)
			}
		}
		if len(left) > 0 && len(e.Deploy) > 0 {
			d.Report(e.Deploy[0].componentsLine, e.Deploy[0].componentsColumn,
				"name them in an entry of "+e.Deploy[0].Repository+"@"+e.Deploy[0].Branch+": the first branch of an environment has all "+
					"components; other branches may lack some",
				"environments.%s.deploy leaves out %s", e.Name, component.Join(left, ", "))
		}
	}
}

// formerName is a name of a service or, with a slash, of a repository.
var formerName = yamlschema.Grammar{
	Expression: `^[A-Za-z0-9][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_.-]+)?$`,
	Check: func(s string) (string, *yamlschema.Flaw) {
		if strings.Contains(s, "/") {
			return grammar.Repository.Check(s)
		}
		return grammar.Name.Check(s)
	},
}

// checkPresentName reports the service's own name among those that it had before.
func checkPresentName(d *yamlschema.Decoder, f *file) {
	if slices.Contains(f.Formerly, f.Service) {
		d.Report(f.formerlyLine, f.formerlyColumn, "write only names there that it has no more",
			"formerly has %q, which is the service's name now", f.Service)
	}
}
