package config

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

func (d *decoder) check(v value) Check {
	c := Check{Line: v.Line, Column: v.Column}
	seen := d.mapping(v.Node, v,
		optional("helm", "Renders one chart of the deployment repository with `helm template`.", "none", func(v value) { c.Helm = d.helm(v) }),
		optional("helmfile", "Renders all releases of a helmfile with `helmfile template`.", "none", func(v value) { c.Helmfile = d.helmfile(v) }),
		optional("command", "Line of shell that prints manifests, run in a checkout of the deployment repository.", "none", d.str(&c.Command, command)),
		optional("env", "Variables that the renderer gets, such as HELM_PLUGINS; it finds nothing of the user's home directory, and no token of the release.",
			"none", d.strs(&c.Env, true, variable)),
	)
	kinds := 0
	for _, kind := range []string{"helm", "helmfile", "command"} {
		if seen[kind] {
			kinds++
		}
	}
	if seen != nil && kinds != 1 {
		d.reportAt(v.Node, "write one of `helm`, `helmfile` and `command`; a list of checks runs them all",
			"%s has %d kinds, and needs one", v.path, kinds)
	}
	return c
}

func (d *decoder) helm(v value) *Helm {
	h := &Helm{}
	d.mapping(v.Node, v,
		required("chart", "Directory of the chart in the deployment repository.", d.str(&h.Chart, directory)),
		optional("values", "Values files in the deployment repository, later ones win; one, or a list.", "none", d.strs(&h.Values, true, filePath)),
		optional("release", "Name of the release.", "`service`", d.str(&h.Release, kubernetesName)),
		optional("namespace", "Namespace of the release.", "helm's own", d.str(&h.Namespace, kubernetesName)),
		optional("args", "More arguments of helm, e.g. --include-crds; one, or a list.", "none", d.strs(&h.Args, true, command)),
	)
	return h
}

func (d *decoder) helmfile(v value) *Helmfile {
	h := &Helmfile{}
	d.mapping(v.Node, v,
		required("file", "Path of the helmfile in the deployment repository.", d.str(&h.File, filePath)),
		optional("environment", "Environment of the helmfile.", "the helmfile's own", d.str(&h.Environment, helmfileEnvironment)),
		optional("exec", "true: the helmfile may run programs (exec, hooks), read files by functions of its templates, and fetch from elsewhere.", "false", d.boolean(&h.Exec)),
		optional("args", "More arguments of helmfile, e.g. --include-crds; one, or a list.", "none", d.strs(&h.Args, true, command)),
	)
	return h
}

var helmfileEnvironment = matching("name of a helmfile environment", `[A-Za-z0-9][A-Za-z0-9._-]*`,
	"letters, digits, `.`, `_` and `-`, as below `environments:` of the helmfile")
