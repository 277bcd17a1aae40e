package config

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// Prepare holds the commands that make files for the images' builds, before any image is built.
type Prepare struct {
	Run    []string  // shell commands, run once in the repository root, in order; none: there is nothing to prepare
	Ignore []Pattern // tracked files that the commands do not read, in the syntax of .dockerignore
	Env    []string  // names of variables that change what the commands make
}

// Pattern is a pattern of paths in the syntax of .dockerignore, with its place in the file.
type Pattern struct {
	Text   string
	Line   int
	Column int
}

// decodePrepare decodes the commands alone, or a mapping that also says what they depend on.
func decodePrepare(d *yamlschema.Decoder, into *Prepare) yamlschema.Decode {
	commands := d.Strings(&into.Run, true, grammar.Command)
	mapping := func(v yamlschema.Value) {
		d.Mapping(v.Node, v,
			yamlschema.Required("run", "Shell commands, run once in the repository's root; one, or a list.", commands),
			yamlschema.Optional("ignore", "Patterns of tracked files that the commands do not read, in the syntax of .dockerignore; "+
				"one, or a list. "+
				"A change in these alone does not run them again; files that a build context sends always count.",
				"all tracked files count", decodePatterns(d, &into.Ignore)),
			yamlschema.Optional("env", "Names of environment variables that change what the commands make; one, or a list.", "none",
				d.Strings(&into.Env, true, grammar.Variable)),
		)
	}
	return func(v yamlschema.Value) {
		switch {
		case v.Shape != nil:
			v.Shape.AnyOf = slices.Concat(yamlschema.Describe(v.Path, commands).AnyOf,
				[]*yamlschema.Shape{yamlschema.Describe(v.Path, mapping)})
		case v.Kind == yaml.MappingNode:
			mapping(v)
		default:
			commands(v)
		}
	}
}

func decodePatterns(d *yamlschema.Decoder, into *[]Pattern) yamlschema.Decode {
	return d.List(true, func(v yamlschema.Value) {
		if text, ok := d.StringValue(v, grammar.PathPattern); ok {
			*into = append(*into, Pattern{Text: text, Line: v.Line, Column: v.Column})
		}
	})
}
