package config

import (
	"go.yaml.in/yaml/v4"
)

// Output is where a build leaves its images until they are pushed.
type Output string

// The outputs. Both give the same digests.
const (
	OutputAuto     Output = "auto"     // whichever is faster for the daemon and the command
	OutputStore    Output = "store"    // in dist/images, from where they are pushed
	OutputRegistry Output = "registry" // the daemon pushes them by digest, without a tag
)

// Component is one image of the service. Defaults are filled in.
type Component struct {
	Name       string
	Image      string            // repository without tag, e.g. ghcr.io/acme/shop
	Tag        Template          // tag template
	Context    string            // slash-separated, relative to the repository root; "." by default
	Dockerfile string            // slash-separated, relative to the repository root; "Dockerfile" in Context by default
	Target     string            // stage; "" is the last one
	Platforms  []string          // os/arch[/variant]; empty is the daemon's own
	Args       map[string]string // build arguments, never secrets
	Labels     map[string]string // image labels added to the org.opencontainers.image ones
	Secrets    []Secret
	SSH        []SSH             // agents or keys for RUN --mount=type=ssh
	Contexts   map[string]string // named contexts: a directory relative to the root, or docker-image://reference
	Needs      []string          // components whose images are named contexts of this one, under their names
	Inputs     []string          // patterns of tracked files that the image depends on; empty: its context, or all where there is a prepare
	Cache      Cache
	Provenance Provenance // "" is none
	SBOM       string     // "" is none, "true" BuildKit's own generator, else the generator's image
	Line       int        // where its name stands in the file
	Column     int
}

func (d *decoder) component(key *yaml.Node, v value) Component {
	c := Component{Name: d.key(key, v.path, name), Line: key.Line, Column: key.Column}
	seen := d.mapping(key, v,
		optional("dockerfile", d.str(&c.Dockerfile, filePath)),
		optional("context", d.str(&c.Context, directory)),
		optional("target", d.str(&c.Target, stage)),
		optional("args", d.args(&c.Args)),
		optional("secrets", d.secrets(&c.Secrets)),
		optional("ssh", d.ssh(&c.SSH)),
		optional("platforms", d.strs(&c.Platforms, false, platform)),
		optional("labels", d.literals(&c.Labels, labelKey)),
		optional("contexts", d.contexts(&c.Contexts)),
		optional("needs", d.strs(&c.Needs, true, name)),
		optional("inputs", d.strs(&c.Inputs, true, inputGlob)),
		optional("cache", d.cache(&c.Cache)),
		optional("provenance", d.provenance(&c.Provenance)),
		optional("sbom", d.sbom(&c.SBOM)),
		optional("image", d.str(&c.Image, imageName)),
		optional("tag", d.template(&c.Tag, tagFields)),
	)
	if seen != nil && !seen["image"] {
		d.imageless = append(d.imageless, key)
	}
	return c
}
