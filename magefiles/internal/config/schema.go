package config

import (
	"go.yaml.in/yaml/v4"
)

// file is a decoded astrago.yaml with the keys that only give defaults to components.
type file struct {
	Config
	image string
	tag   Template
	cache Cache

	formerlyLine, formerlyColumn int // where Formerly stands
}

func (d *decoder) file(v value) *file {
	f := &file{}
	seen := d.mapping(v.Node, v,
		required("version", "Version of this file's format: 1.", d.version(&f.Version)),
		required("service", "Short name of what is released, in commit messages, reports and branch names.", d.str(&f.Service, name)),
		optional("formerly", "Names that the service (backend) or its repository (owner/name) had before: what was deployed under them is its own; one, or a list.", "none",
			func(v value) {
				f.formerlyLine, f.formerlyColumn = v.Line, v.Column
				d.strs(&f.Formerly, true, formerName)(v)
			}),
		optional("image", "Repository of all images, with its registry and without a tag, e.g. ghcr.io/acme/shop.", "each component names its own",
			d.str(&f.image, imageName)),
		optional("tag", "Template of every tag, with the fields "+fieldList(tagFields)+" (Go's text/template).", DefaultTag,
			d.template(&f.tag, tagFields)),
		optional("prepare", "Shell commands that run once in the repository's root, before images are built; one, a list, or a mapping that also says what they depend on.",
			"none", d.prepare(&f.Prepare)),
		optional("cache", "Where build steps are kept for machines that have not run them; a component may have its own.", "the daemon's own cache alone",
			d.cache(&f.cache)),
		optional("output", "Where a build leaves its images until they are pushed: `store` is .astrago/images, `registry` the registry, by digest and without a tag. `auto` is `registry` for a release, else `store`.",
			string(OutputAuto), choice(d, &f.Output, OutputAuto, OutputStore, OutputRegistry)),
		optional("load", "Where `mage build` makes its images usable on this machine; `auto` is Docker or else containerd, and nowhere in a workflow.",
			string(LoaderAuto), choice(d, &f.Load, LoaderAuto, LoaderDocker, LoaderContainerd, LoaderNone)),
		required("components", "The images of the service, by the name that tags and `set` use.", d.named(func(key *yaml.Node, v value) {
			f.Components = append(f.Components, d.component(key, v))
		})),
		required("environments", "Where the service is deployed to, by name: `-env=NAME`.", d.named(func(key *yaml.Node, v value) {
			f.Environments = append(f.Environments, d.environment(key, v))
		})),
		optional("notify", "Who is told how a push, bump or release ended; one, or a list. An environment may have its own.", "nobody",
			d.list(true, func(v value) { f.Notify = append(f.Notify, d.notify(v)) })),
	)
	if seen != nil && !seen["image"] {
		for _, key := range d.imageless {
			d.reportMissing(key, "image", "components."+key.Value)
		}
	}
	return f
}

func (d *decoder) environment(key *yaml.Node, v value) Environment {
	e := Environment{Name: d.key(key, v, name), Line: key.Line, Column: key.Column}
	d.mapping(key, v,
		optional("branches", "Branches that deploy here, as globs: `*` stays within a `/`, `**` does not; one, or a list.", "only by -env",
			d.strs(&e.Branches, true, branchGlob)),
		optional("tags", "Tags that deploy here, as globs, for a service that is released by tags; one, or a list.", "none",
			d.strs(&e.Tags, true, branchGlob)),
		required("deploy", "What a bump sets in the deployment repository; one file, or a list of them.",
			d.list(true, func(v value) { e.Deploy = append(e.Deploy, d.deploy(v)) })),
		optional("argocd", "The ArgoCD application that deploys this environment, which a release waits for; one, or a list.", "nothing is awaited",
			d.list(true, func(v value) { e.ArgoCD = append(e.ArgoCD, d.argocd(v, e.ArgoCD)) })),
		optional("mirrors", "Under what names the cluster pulls images: by the registry or repository that they are pushed to, its mirror.", "the names that they are pushed to",
			d.pairs(&e.Mirrors, imagePrefix, imagePrefix)),
		optional("from", "The environment that this one is promoted from.", "the one that -from names", func(v value) {
			e.fromLine, e.fromColumn = v.Line, v.Column
			d.str(&e.From, name)(v)
		}),
		optional("hold", "What ends the hold that a rollback puts on this environment.", "a newer build",
			func(v value) { e.Hold = d.hold(v) }),
		optional("notify", "Who is told how a push, bump or release ended; one, or a list.", "`notify` at the top of the file",
			d.list(true, func(v value) { e.Notify = append(e.Notify, d.notify(v)) })),
	)
	return e
}

// key checks a name that the user gives to a component or an environment.
func (d *decoder) key(key *yaml.Node, v value, g grammar) string {
	if v.shape != nil {
		v.shape.names = g.expression
		return ""
	}
	if _, flaw := g.check(key.Value); flaw != nil {
		d.reportAt(key, flaw.remedy, "%s %s", v.path, flaw.what)
	}
	return key.Value
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
