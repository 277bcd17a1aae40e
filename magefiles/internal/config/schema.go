package config

import (
	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// SchemaName is the name of the schema among the templates, where configurations point their editors to.
const SchemaName = "astrago.schema.json"

// Schema returns the JSON schema of astrago.yaml (draft 2020-12), for editors: every key with its type, its grammar, and a
// description that tells its unit and default. What it accepts may still be refused by Parse, which knows the rules over
// several keys; what Parse accepts, it accepts.
func Schema() ([]byte, error) {
	d := yamlschema.New(FileName, nil, fileFormat(nil))
	root := d.Schema(func(v yamlschema.Value) { decodeFile(d, v) })
	root.ID = "https://raw.githubusercontent.com/xiilab/astrago-ci/main/templates/" + SchemaName
	root.Title = FileName
	root.Description = "What `mage build`, `push`, `bump` and `release` do for a repository (astrago-ci)."
	return root.JSON()
}

// file is a decoded astrago.yaml with the keys that only give defaults to components.
type file struct {
	Config
	image image
	tag   Template
	cache Cache

	formerlyLine, formerlyColumn int // where Formerly stands
}

func decodeFile(d *yamlschema.Decoder, v yamlschema.Value) *file {
	f := &file{}
	var imageless []*yaml.Node // the keys of components without an image of their own
	components := d.Named(func(key *yaml.Node, v yamlschema.Value) {
		c, without := decodeComponent(d, key, v)
		if f.Components = append(f.Components, c); without {
			imageless = append(imageless, key)
		}
	})
	seen := d.Mapping(v.Node, v, append(serviceFields(d, f),
		yamlschema.Required("components", "The images of the service, by the name that tags and `set` use.", components),
		yamlschema.Required("environments", "Where the service is deployed to, by name: `-env=NAME`.",
			d.Named(func(key *yaml.Node, v yamlschema.Value) {
				f.Environments = append(f.Environments, decodeEnvironment(d, key, v))
			})),
		yamlschema.Optional("notify", "Where to send how a push, bump, release, wait, promotion, rollback or hold ended; one, or a list. "+
			"An environment may have its own.",
			"none",
			d.List(true, func(v yamlschema.Value) { f.Notify = append(f.Notify, decodeNotify(d, v)) })),
		yamlschema.Optional("notes", "How `mage notes` and reports write what a deployment brings.", "no links",
			func(v yamlschema.Value) { f.Notes = decodeNotes(d, v) }),
	)...)
	if seen != nil && !seen["image"] {
		for _, key := range imageless {
			d.ReportMissing(key, "image", "components."+key.Value)
		}
	}
	return f
}

// serviceFields are the keys that say what the service is, and what holds for all of its components.
func serviceFields(d *yamlschema.Decoder, f *file) []yamlschema.Field {
	return []yamlschema.Field{
		yamlschema.Required("version", "Version of this file's format: 1.", decodeVersion(d, &f.Version)),
		yamlschema.Required("service", "Short name of what is released, in commit messages, reports and branch names.",
			d.String(&f.Service, grammar.Name)),
		yamlschema.Optional("formerly", "Names that the service (backend) or its repository (owner/name) had before: what was deployed "+
			"under them is its own; one, or a list.", "none",
			func(v yamlschema.Value) {
				f.formerlyLine, f.formerlyColumn = v.Line, v.Column
				d.Strings(&f.Formerly, true, formerName)(v)
			}),
		yamlschema.Optional("image", "Repository of all images, with its registry and without a tag, e.g. ghcr.io/acme/shop; or a "+
			"template of it, with the fields "+fieldList(repositoryFields)+".",
			"each component names its own", decodeImage(d, &f.image)),
		yamlschema.Optional("tag", "Template of every tag, with the fields "+fieldList(tagFields)+" (Go's text/template).", defaultTag,
			decodeTemplate(d, &f.tag, tagFields)),
		yamlschema.Optional("prepare", "Shell commands that run once in the repository's root, before images are built; one, a list, or "+
			"a mapping that also says what they depend on.",
			"none", decodePrepare(d, &f.Prepare)),
		yamlschema.Optional("cache", "Where build steps are kept for machines that have not run them; a component may have its own.",
			"the daemon's own cache alone",
			decodeCache(d, &f.cache)),
		yamlschema.Optional("output", "Where a build leaves its images until they are pushed: `store` is .astrago/images, `registry` "+
			"the registry, by digest and without a tag. `auto` is `registry` for a release, else `store`.",
			string(OutputAuto), yamlschema.Choice(d, &f.Output, OutputAuto, OutputStore, OutputRegistry)),
		yamlschema.Optional("load", "Where `mage build` makes its images usable on this machine; `auto` is Docker or else containerd, "+
			"and nowhere in a workflow.",
			string(LoaderAuto), yamlschema.Choice(d, &f.Load, LoaderAuto, LoaderDocker, LoaderContainerd, LoaderNone)),
	}
}

func decodeEnvironment(d *yamlschema.Decoder, key *yaml.Node, v yamlschema.Value) Environment {
	e := Environment{Name: d.Key(key, v, grammar.Name), Line: key.Line, Column: key.Column}
	d.Mapping(key, v,
		yamlschema.Optional("branches", "Branches that deploy here, as globs: `*` stays within a `/`, `**` does not; one, or a list.",
			"only by -env",
			d.Strings(&e.Branches, true, grammar.BranchGlob)),
		yamlschema.Optional("tags", "Tags that deploy here, as globs, for a service that is released by tags; one, or a list.", "none",
			d.Strings(&e.Tags, true, grammar.BranchGlob)),
		yamlschema.Optional("image", "Repository of all images in this environment, as `image` at the top of the file; it comes before "+
			"that of a component.", "the component's", decodeImage(d, &e.image)),
		yamlschema.Required("deploy", "What a bump sets in the deployment repository; one file, or a list of them.",
			d.List(true, func(v yamlschema.Value) { e.Deploy = append(e.Deploy, decodeDeploy(d, v)) })),
		yamlschema.Optional("argocd", "The Argo CD application that deploys this environment, which a release waits for; one, or a list.",
			"nothing is awaited",
			d.List(true, func(v yamlschema.Value) { e.ArgoCD = append(e.ArgoCD, decodeArgoCD(d, v, e.ArgoCD)) })),
		yamlschema.Optional("mirrors", "Under what names the cluster pulls images: by the registry or repository that they are pushed "+
			"to, its mirror.", "the names that they are pushed to",
			d.Pairs(&e.Mirrors, grammar.ImagePrefix, grammar.ImagePrefix)),
		yamlschema.Optional("from", "The environment that this one is promoted from.", "the one that -from names",
			func(v yamlschema.Value) {
				e.fromLine, e.fromColumn = v.Line, v.Column
				d.String(&e.From, grammar.Name)(v)
			}),
		yamlschema.Optional("hold", "What ends the hold that a rollback puts on this environment.", "a newer build",
			func(v yamlschema.Value) { e.Hold = decodeHold(d, v) }),
		yamlschema.Optional("notify", "Where to send how a push, bump, release, wait, promotion, rollback or hold ended; one, or a list.",
			"`notify` at the top of the file",
			d.List(true, func(v yamlschema.Value) { e.Notify = append(e.Notify, decodeNotify(d, v)) })),
	)
	return e
}

// missingRemedy shows what to write for a missing key, where the name alone does not tell.
func missingRemedy(key string) string {
	switch key {
	case "version":
		return "write `version: 1`"
	case "service":
		return "write `service:` and a short name, e.g. backend"
	case "image":
		return "write `image:` here, or at the top of the file for all components, e.g. ghcr.io/acme/shop"
	case "components":
		return "write `components:` and a name for each image, e.g. `server: { dockerfile: Dockerfile }`"
	case "environments":
		return "write `environments:` and a name for each place to deploy to, e.g. stage"
	case "deploy":
		return "write `deploy: { repository, branch, file, set }`: what a bump changes"
	case "set":
		return `write e.g. set: '.{{ .Component }}.imageTag = "{{ .Tag }}"'`
	default:
		return "write `" + key + ":`"
	}
}

func decodeHold(d *yamlschema.Decoder, v yamlschema.Value) Hold {
	var h Hold
	d.Mapping(v.Node, v, yamlschema.Required("until",
		"`newer`: a build that descends from the rejected one ends the hold; `lift`: nothing but `mage hold -lift`.",
		yamlschema.Choice(d, &h.Until, HoldUntilNewer, HoldUntilLift)))
	return h
}

// decodeVersion decodes the version of the file's format.
func decodeVersion(d *yamlschema.Decoder, into *int) yamlschema.Decode {
	return func(v yamlschema.Value) {
		switch {
		case v.Shape != nil:
			v.Shape.Const = 1
		case v.Kind != yaml.ScalarNode || v.ShortTag() != "!!int":
			d.WrongType(v, "the number 1")
		case v.Value != "1":
			d.ReportAt(v.Node, "write `version: 1`; if the file is newer than the submodule, update the submodule: mage update",
				"version %s of the file's format is not known here", v.Value)
		default:
			*into = 1
		}
	}
}
