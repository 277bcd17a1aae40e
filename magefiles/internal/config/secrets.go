package config

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// useSecrets is the remedy wherever a secret stands in the file.
const useSecrets = "secrets never stand in " + FileName + "; use `secrets: [{ id: NAME, env: VARIABLE }]`\n" +
	"and in the Dockerfile: RUN --mount=type=secret,id=NAME …\n" +
	"addresses of messages stand in the variable " + NotifyURLs

// secretName finds names of variables that hold a credential.
var secretName = regexp.MustCompile(`(?i)token|passw(or)?d|secret`)

// Secret names a build secret and where its value is read at build time; the file never holds the value.
type Secret struct {
	ID   string // the id that RUN --mount=type=secret names
	Env  string // environment variable, or
	File string // file relative to the repository root
}

// filledIn is any text but that in which `mage init` has left a question.
const filledIn = `^$|^[^<]|[^>]$|^<>$|^<[\s\S]*[<>][\s\S]*>$`

// decodeArgs decodes build arguments. They stay in the image's history, so one that is named like a secret is refused.
func decodeArgs(d *yamlschema.Decoder, into *map[string]string) yamlschema.Decode {
	check := func(key string) (string, *yamlschema.Flaw) {
		if secretName.MatchString(key) {
			return "", &yamlschema.Flaw{What: "is named like a secret, and build arguments stay in the image's history", Remedy: useSecrets}
		}
		return grammar.Variable.Check(key)
	}
	literals := d.Literals(into, yamlschema.Grammar{Expression: grammar.Variable.Expression, Check: check})
	return func(v yamlschema.Value) {
		literals(v)
		if v.Shape != nil {
			if values, ok := v.Shape.AdditionalProperties.(*yamlschema.Shape); ok {
				values.Pattern = filledIn
			}
			return
		}
		if v.Kind != yaml.MappingNode {
			return
		}
		for i := 1; i < len(v.Content); i += 2 {
			d.Unfilled(v.Content[i], v.Path+"."+v.Content[i-1].Value)
		}
	}
}

// decodeSecrets decodes a list of secrets with an id each: of two with the same, BuildKit would take either.
func decodeSecrets(d *yamlschema.Decoder, into *[]Secret) yamlschema.Decode {
	seen := map[string]bool{}
	return d.List(false, func(v yamlschema.Value) {
		s := decodeSecret(d, v)
		if s.ID != "" && seen[s.ID] {
			d.ReportAt(v.Node, "give each secret an id of its own", "%s has the id %q, which is taken", v.Path, s.ID)
		}
		seen[s.ID] = true
		*into = append(*into, s)
	})
}

// decodeSecret decodes where a build secret is read.
func decodeSecret(d *yamlschema.Decoder, v yamlschema.Value) Secret {
	var s Secret
	before := d.Count()
	seen := d.Mapping(v.Node, v,
		yamlschema.Required("id", "The id that `RUN --mount=type=secret,id=…` names.", d.String(&s.ID, grammar.SecretID)),
		yamlschema.Optional("env", "Name of the environment variable that holds the value at build time; exactly one of `env` and `file`.",
			"none",
			d.String(&s.Env, grammar.SecretVariable)),
		yamlschema.Optional("file", "File that holds the value, relative to the repository's root; exactly one of `env` and `file`.",
			"none",
			d.String(&s.File, grammar.FilePath)),
		yamlschema.Refused("value", func(v yamlschema.Value) { refuseValue(d, v) }),
	)
	if vars.IsCredential(s.Env) {
		d.ReportAt(v.Node, "give the build a token of its own under another name; in a workflow: env: { NPM_TOKEN: ${{ "+
			"secrets.NPM_TOKEN }} }",
			"%s: %s is for the release alone, a build step could use it to push or deploy", v.Path, s.Env)
	}
	if d.Count() == before && seen["env"] == seen["file"] {
		d.ReportAt(v.Node, "write `env: VARIABLE` or `file: path`", "%s needs exactly one of `env` and `file`", v.Path)
	}
	return s
}

func refuseValue(d *yamlschema.Decoder, v yamlschema.Value) {
	d.ReportAt(v.Node, "name where it is read at build time: `env: VARIABLE` or `file: path`",
		"%s: the value of a secret never stands in %s, which is committed", v.Path, FileName)
}

// SSH is an agent or a key that RUN --mount=type=ssh may use; it never gets into an image.
type SSH struct {
	ID   string // "default" where the mount names none
	Path string // socket or private key, relative to the root or absolute; empty is the agent of SSH_AUTH_SOCK
}

var sshID = yamlschema.Matching("id", `[A-Za-z0-9][A-Za-z0-9._-]*`, "default, or id=path, as in docker build --ssh")

// decodeSSH decodes entries in the form of docker build --ssh: default, or id=path.
func decodeSSH(d *yamlschema.Decoder, into *[]SSH) yamlschema.Decode {
	seen := map[string]bool{}
	return d.List(true, func(v yamlschema.Value) {
		text, ok := d.StringValue(v, grammar.Command)
		if !ok {
			return
		}
		id, path, _ := strings.Cut(text, "=")
		if _, flaw := sshID.Check(id); flaw != nil {
			d.ReportAt(v.Node, flaw.Remedy, "%s %s", v.Path, flaw.What)
			return
		}
		if seen[id] {
			d.ReportAt(v.Node, "give each an id of its own", "%s has the id %q, which is taken", v.Path, id)
		}
		seen[id] = true
		*into = append(*into, SSH{ID: id, Path: path})
	})
}
