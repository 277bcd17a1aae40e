package config

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// Check proves, before the commit, that what is deployed still renders and names the new images. Exactly one of its kinds
// is set.
type Check struct {
	Helm     *Helm
	Helmfile *Helmfile
	Command  string   // a line of shell that prints manifests, run in a checkout of the deployment repository
	Env      []string // variables that the renderer gets beside those that any program may read
	Line     int      // where it stands in the file
	Column   int
}

// Helm renders one chart of the deployment repository with `helm template`.
type Helm struct {
	Chart     string   // slash-separated directory in the deployment repository
	Values    []string // slash-separated files in it, later ones win
	Release   string   // name of the release; the service by default
	Namespace string   // "" is helm's own default
	Args      []string // more arguments, e.g. --api-versions=monitoring.coreos.com/v1
}

// Helmfile renders all releases of a helmfile with `helmfile template`.
type Helmfile struct {
	File        string   // slash-separated path in the deployment repository
	Environment string   // of the helmfile; "" is its default
	Exec        bool     // it may run programs: exec, hooks, remote sources
	Args        []string // more arguments, e.g. --include-crds
}

func decodeCheck(d *yamlschema.Decoder, v yamlschema.Value) Check {
	c := Check{Line: v.Line, Column: v.Column}
	seen := d.Mapping(v.Node, v,
		yamlschema.Optional("helm", "Renders one chart of the deployment repository with `helm template`.", "none",
			func(v yamlschema.Value) { c.Helm = decodeHelm(d, v) }),
		yamlschema.Optional("helmfile", "Renders all releases of a helmfile with `helmfile template`.", "none",
			func(v yamlschema.Value) { c.Helmfile = decodeHelmfile(d, v) }),
		yamlschema.Optional("command", "Line of shell that prints manifests, run in a checkout of the deployment repository.", "none",
			d.String(&c.Command, grammar.Command)),
		yamlschema.Optional("env", "Variables that the renderer gets, such as HELM_PLUGINS; it finds nothing of the user's home "+
			"directory, and no token of the release.",
			"none", d.Strings(&c.Env, true, grammar.Variable)),
	)
	kinds := 0
	for _, kind := range []string{"helm", "helmfile", "command"} {
		if seen[kind] {
			kinds++
		}
	}
	if seen != nil && kinds != 1 {
		d.ReportAt(v.Node, "write one of `helm`, `helmfile` and `command`; a list of checks runs them all",
			"%s has %d kinds, and needs one", v.Path, kinds)
	}
	return c
}

func decodeHelm(d *yamlschema.Decoder, v yamlschema.Value) *Helm {
	h := &Helm{}
	d.Mapping(v.Node, v,
		yamlschema.Required("chart", "Directory of the chart in the deployment repository.", d.String(&h.Chart, grammar.Directory)),
		yamlschema.Optional("values", "Values files in the deployment repository, later ones win; one, or a list.", "none",
			d.Strings(&h.Values, true, grammar.FilePath)),
		yamlschema.Optional("release", "Name of the release.", "`service`", d.String(&h.Release, grammar.KubernetesName)),
		yamlschema.Optional("namespace", "Namespace of the release.", "helm's own", d.String(&h.Namespace, grammar.KubernetesName)),
		yamlschema.Optional("args", "More arguments of helm, e.g. --include-crds; one, or a list.", "none",
			d.Strings(&h.Args, true, grammar.Command)),
	)
	return h
}

func decodeHelmfile(d *yamlschema.Decoder, v yamlschema.Value) *Helmfile {
	h := &Helmfile{}
	d.Mapping(v.Node, v,
		yamlschema.Required("file", "Path of the helmfile in the deployment repository.", d.String(&h.File, grammar.FilePath)),
		yamlschema.Optional("environment", "Environment of the helmfile.", "the helmfile's own",
			d.String(&h.Environment, helmfileEnvironment)),
		yamlschema.Optional("exec", "true: the helmfile may run programs (exec, hooks), read files by functions of its templates, and "+
			"fetch from elsewhere.", "false", d.Bool(&h.Exec)),
		yamlschema.Optional("args", "More arguments of helmfile, e.g. --include-crds; one, or a list.", "none",
			d.Strings(&h.Args, true, grammar.Command)),
	)
	return h
}

var helmfileEnvironment = yamlschema.Matching("helmfile environment name", `[A-Za-z0-9][A-Za-z0-9._-]*`,
	"letters, digits, `.`, `_` and `-`, as below `environments:` of the helmfile")
