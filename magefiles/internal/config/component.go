package config

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// Output is where a build leaves its images until they are pushed.
type Output string

// The outputs.
const (
	OutputAuto     Output = "auto"     // for a release the registry, else the store
	OutputStore    Output = "store"    // in .astrago/images, from where they are pushed
	OutputRegistry Output = "registry" // the daemon pushes them by digest, without a tag
)

// Component is one image of the service. Defaults are filled in.
type Component struct {
	Name          string
	Image         string            // repository without tag, e.g. ghcr.io/acme/shop
	Tag           Template          // tag template
	Context       string            // slash-separated, relative to the repository root; "." by default
	Dockerfile    string            // slash-separated, relative to the repository root; "Dockerfile" in Context by default
	Target        string            // stage; "" is the last one
	Platforms     []string          // os/arch[/variant]; empty is that of the machine that builds
	Args          map[string]string // build arguments, never secrets
	Labels        map[string]string // image labels added to the org.opencontainers.image ones
	Secrets       []Secret
	SSH           []SSH             // agents or keys for RUN --mount=type=ssh
	Contexts      map[string]string // named contexts: a directory relative to the root, or docker-image://reference
	Needs         []string          // components whose images are named contexts of this one, under their names
	OnBuildMounts bool              // base images' ONBUILD instructions may mount, also where there are secrets or SSH keys
	Reproducible  bool              // every daemon gives the same digest, as far as the build steps do
	Cache         Cache
	Provenance    Provenance // "" is none
	SBOM          string     // "" is none, "true" BuildKit's own generator, else the generator's image
	Line          int        // where its name stands in the file
	Column        int
}

func (d *decoder) component(key *yaml.Node, v value) Component {
	c := Component{Name: d.key(key, v, name), Line: key.Line, Column: key.Column}
	seen := d.mapping(key, v, slices.Concat(d.buildFields(&c), d.imageFields(&c))...)
	if seen != nil && !seen["image"] {
		d.imageless = append(d.imageless, key)
	}
	return c
}

// buildFields are the keys that say how an image is built.
func (d *decoder) buildFields(c *Component) []field {
	return []field{
		optional("dockerfile", "Path of the Dockerfile, relative to the repository's root.", "Dockerfile in `context`", d.str(&c.Dockerfile, filePath)),
		optional("context", "Directory that COPY reads, relative to the repository's root.", "the root itself", d.str(&c.Context, directory)),
		optional("target", "Name or number of the stage to build.", "the last one", d.str(&c.Target, stage)),
		optional("args", "Build arguments, by name. They stay in the image's history: no secrets.", "none", d.args(&c.Args)),
		optional("secrets", "Secrets for `RUN --mount=type=secret`, which never get into an image.", "none", d.secrets(&c.Secrets)),
		optional("ssh", "Agents or keys for `RUN --mount=type=ssh`: `default` is the agent of SSH_AUTH_SOCK, `id=path` a socket or a key; one, or a list.", "none", d.ssh(&c.SSH)),
		optional("platforms", "List of os/arch or os/arch/variant, e.g. linux/arm64.", "Linux on the processor of the machine that runs the command", d.strs(&c.Platforms, false, platform)),
		optional("labels", "Labels of the image, by name, beside the org.opencontainers.image ones, which are set by themselves.", "none", d.literals(&c.Labels, labelKey)),
		optional("contexts", "Names for FROM and COPY --from, each a directory relative to the repository's root, or docker-image:// and an image.", "none", d.contexts(&c.Contexts)),
		optional("needs", "Components whose images FROM and COPY --from find under their names; one, or a list.", "none", d.strs(&c.Needs, true, name)),
		refused("inputs", d.refuseInputs),
		optional("reproducible", "Whether every daemon gives the image the same digest, as far as its build steps do. "+
			"It costs: each build packs every layer again, and steps see files of one constant time.", "false", d.boolean(&c.Reproducible)),
		optional("onbuildMounts", "Whether ONBUILD instructions of base images may use `--mount` although the component has `secrets` or `ssh`, which they could read.",
			"false", d.boolean(&c.OnBuildMounts)),
		optional("cache", "Where this component's build steps are kept for machines that have not run them.", "`cache` at the top of the file", d.cache(&c.Cache)),
	}
}

// imageFields are the keys that say what is attached to an image, and what it is called.
func (d *decoder) imageFields(c *Component) []field {
	return []field{
		optional("provenance", "SLSA attestation of how the image was built: `min`, or `max` with the Dockerfile and all arguments. `true` is `min`.", "false", d.provenance(&c.Provenance)),
		optional("sbom", "Attestation of what is in the image: `true` for BuildKit's own generator, or a generator's image.", "false", d.sbom(&c.SBOM)),
		optional("image", "Repository of the image, with its registry and without a tag.", "`image` at the top of the file", d.str(&c.Image, imageName)),
		optional("tag", "Template of the tag, with the fields "+fieldList(tagFields)+".", "`tag` at the top of the file", d.template(&c.Tag, tagFields)),
	}
}

// refuseInputs says what took the place of a key that listed files by hand, and so went stale with each new module.
func (d *decoder) refuseInputs(v value) {
	d.reportAt(v.Node, "remove it: what an image is built from is known exactly from its build\n"+
		"files that `prepare` does not read: prepare: { run: […], ignore: ['docs/**'] }", "%s is no longer a key", v.path)
}
