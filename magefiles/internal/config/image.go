package config

import (
	"cmp"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// repositoryFields are the fields that the template of `image` may use: what is known before any commit.
var repositoryFields = []string{"Service", "Component", "Environment"}

// image is the key as the file has it: a repository, or a template that gives one for each environment.
type image struct {
	template   Template
	repository imageref.Repository // of a text that is no template
}

func (i image) isTemplate() bool { return strings.Contains(i.template.Text, "{{") }

// decodeImage decodes a repository, or a template of one.
func decodeImage(d *yamlschema.Decoder, into *image) yamlschema.Decode {
	return func(v yamlschema.Value) {
		if v.Shape != nil || !strings.Contains(v.Value, "{{") {
			either := grammar.ImageName
			either.Expression += `|\{\{`
			yamlschema.Parsed(d, &into.repository, either)(v)
			if v.Shape == nil {
				into.template = Template{Text: v.Value, Line: v.Line, Column: v.Column}
			}
			return
		}
		decodeTemplate(d, &into.template, repositoryFields)(v)
	}
}

// Repository returns where the image of a component is in an environment.
func (c *Config) Repository(environment string, of Component) imageref.Repository {
	if e := c.environmentByName(environment); e != nil {
		if repository, ok := e.images[of.Name]; ok {
			return repository
		}
	}
	return of.Image
}

// resolveImages finds the repository of each component in each environment: the environment's own `image`, else the component's,
// else that of the file.
func resolveImages(d *yamlschema.Decoder, f *file) {
	for i := range f.Environments {
		e := &f.Environments[i]
		e.images = map[component.Name]imageref.Repository{}
		for _, c := range f.Components {
			named := cmp.Or(e.image, c.image, f.image)
			repository, flaw := named.in(f.Service, c.Name, e.Name)
			if flaw != "" {
				d.Report(named.template.Line, named.template.Column, "write registry/path, e.g. ghcr.io/acme/{{ .Environment }}",
					"the image of the component %q in the environment %q %s", c.Name, e.Name, flaw)
				return // all others have the same
			}
			e.images[c.Name] = repository
		}
	}
}

// in executes it for a component in an environment, or says what is wrong with it.
func (i image) in(service string, name component.Name, environment string) (repository imageref.Repository, flaw string) {
	if !i.isTemplate() {
		return i.repository, ""
	}
	text, err := i.template.Execute(map[string]string{"Service": service, "Component": string(name), "Environment": environment})
	if err != nil {
		return repository, "has none: " + err.Error()
	}
	repository, wrong := grammar.ImageName.Parse(text)
	if wrong != nil {
		return repository, wrong.What
	}
	return repository, ""
}
