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
}

func (d *decoder) file(root *yaml.Node) *file {
	f := &file{}
	v := value{resolve(root), ""}
	seen := d.mapping(v.Node, v,
		required("version", d.version(&f.Version)),
		required("service", d.str(&f.Service, name)),
		optional("image", d.str(&f.image, imageName)),
		optional("tag", d.template(&f.tag, tagFields)),
		optional("prepare", d.strs(&f.Prepare, true, command)),
		optional("cache", d.cache(&f.cache)),
		optional("output", choice(d, &f.Output, OutputAuto, OutputStore, OutputRegistry)),
		optional("load", choice(d, &f.Load, LoaderAuto, LoaderDocker, LoaderContainerd, LoaderNone)),
		required("components", d.named(func(key *yaml.Node, v value) {
			f.Components = append(f.Components, d.component(key, v))
		})),
		required("environments", d.named(func(key *yaml.Node, v value) {
			f.Environments = append(f.Environments, d.environment(key, v))
		})),
		optional("notify", d.list(true, func(v value) { f.Notify = append(f.Notify, d.notify(v)) })),
	)
	if seen != nil && !seen["image"] {
		for _, key := range d.imageless {
			d.reportMissing(key, "image", "components."+key.Value)
		}
	}
	return f
}

func (d *decoder) environment(key *yaml.Node, v value) Environment {
	e := Environment{Name: d.key(key, v.path, name), Line: key.Line, Column: key.Column}
	d.mapping(key, v,
		optional("branches", d.strs(&e.Branches, true, branchGlob)),
		required("deploy", d.list(true, func(v value) { e.Deploy = append(e.Deploy, d.deploy(v)) })),
		optional("argocd", func(v value) { e.ArgoCD = d.argocd(v) }),
		optional("from", func(v value) {
			e.fromLine, e.fromColumn = v.Line, v.Column
			d.str(&e.From, name)(v)
		}),
		optional("hold", func(v value) { e.Hold = d.hold(v) }),
		optional("notify", d.list(true, func(v value) { e.Notify = append(e.Notify, d.notify(v)) })),
	)
	return e
}

// key checks a name that the user gives to a component or an environment.
func (d *decoder) key(key *yaml.Node, path string, g grammar) string {
	if _, flaw := g(key.Value); flaw != nil {
		d.reportAt(key, flaw.remedy, "%s %s", path, flaw.what)
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
