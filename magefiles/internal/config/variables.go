package config

import (
	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// Secret names a build secret and where its value is read at build time; the file never holds the value.
type Secret struct {
	ID   string // the id that RUN --mount=type=secret names
	Env  string // environment variable, or
	File string // file relative to the repository root
}

// literals decodes a mapping from keys of the given grammar to what is written.
func (d *decoder) literals(into *map[string]string, g grammar) decode {
	return func(v value) {
		*into = map[string]string{}
		d.named(func(key *yaml.Node, v value) {
			name := d.key(key, v, g)
			if text, ok := d.literal(v); ok {
				(*into)[name] = text
			}
		})(v)
	}
}

// pairs decodes a mapping whose keys and values have grammars of their own.
func (d *decoder) pairs(into *map[string]string, key, item grammar) decode {
	return func(v value) {
		*into = map[string]string{}
		d.named(func(node *yaml.Node, v value) {
			name := d.key(node, v, key)
			if text, ok := d.string(v, item); ok {
				(*into)[name] = text
			}
		})(v)
	}
}

// args decodes build arguments. They stay in the image's history, so one that is named like a secret is refused.
func (d *decoder) args(into *map[string]string) decode {
	return d.literals(into, grammar{variable.expression, func(key string) (string, *flaw) {
		if secretName.MatchString(key) {
			return "", &flaw{"is named like a secret, and build arguments stay in the image's history", useSecrets}
		}
		return variable.check(key)
	}})
}

// secrets decodes a list of secrets with an id each: of two with the same, BuildKit would take either.
func (d *decoder) secrets(into *[]Secret) decode {
	seen := map[string]bool{}
	return d.list(false, func(v value) {
		s := d.secret(v)
		if s.ID != "" && seen[s.ID] {
			d.reportAt(v.Node, "give each secret an id of its own", "%s has the id %q, which is taken", v.path, s.ID)
		}
		seen[s.ID] = true
		*into = append(*into, s)
	})
}

// secret decodes where a build secret is read.
func (d *decoder) secret(v value) Secret {
	var s Secret
	before := len(d.problems)
	seen := d.mapping(v.Node, v,
		required("id", "The id that `RUN --mount=type=secret,id=…` names.", d.str(&s.ID, secretID)),
		optional("env", "Name of the environment variable that holds the value at build time; exactly one of `env` and `file`.", "none",
			d.str(&s.Env, secretVariable)),
		optional("file", "File that holds the value, relative to the repository's root; exactly one of `env` and `file`.", "none",
			d.str(&s.File, filePath)),
		refused("value", d.refuseValue),
	)
	if vars.IsCredential(s.Env) {
		d.reportAt(v.Node, "give the build a token of its own under another name; in a workflow: env: { NPM_TOKEN: ${{ secrets.NPM_TOKEN }} }",
			"%s: %s is for the release alone, a build step could use it to push or deploy", v.path, s.Env)
	}
	if len(d.problems) == before && seen["env"] == seen["file"] {
		d.reportAt(v.Node, "write `env: VARIABLE` or `file: path`", "%s needs exactly one of `env` and `file`", v.path)
	}
	return s
}

func (d *decoder) refuseValue(v value) {
	d.reportAt(v.Node, "name where it is read at build time: `env: VARIABLE` or `file: path`",
		"%s: the value of a secret never stands in %s, which is committed", v.path, FileName)
}
