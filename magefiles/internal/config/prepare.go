package config

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// Prepare is what makes files that images are built from, before any image.
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

// prepare decodes the commands alone, or a mapping that also says what they depend on.
func (d *decoder) prepare(into *Prepare) decode {
	commands := d.strs(&into.Run, true, command)
	mapping := func(v value) {
		d.mapping(v.Node, v,
			required("run", "Shell commands, run once in the repository's root; one, or a list.", commands),
			optional("ignore", "Patterns of tracked files that the commands do not read, in the syntax of .dockerignore; one, or a list. "+
				"A change in these alone does not run them again; files that a build context sends always count.",
				"all tracked files count", d.patterns(&into.Ignore)),
			optional("env", "Names of environment variables that change what the commands make; one, or a list.", "none",
				d.strs(&into.Env, true, variable)),
		)
	}
	return func(v value) {
		switch {
		case v.shape != nil:
			v.shape.AnyOf = slices.Concat(describe(v.path, commands).AnyOf, []*shape{describe(v.path, mapping)})
		case v.Kind == yaml.MappingNode:
			mapping(v)
		default:
			commands(v)
		}
	}
}

func (d *decoder) patterns(into *[]Pattern) decode {
	return d.list(true, func(v value) {
		if text, ok := d.string(v, pathPattern); ok {
			*into = append(*into, Pattern{Text: text, Line: v.Line, Column: v.Column})
		}
	})
}
