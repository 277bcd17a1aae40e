package config

import (
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// Output is the place of a build's images until they are pushed.
type Output string

// The outputs.
const (
	OutputAuto     Output = "auto"     // for a release the registry, else the store
	OutputStore    Output = "store"    // in .astrago/images, from where they are pushed
	OutputRegistry Output = "registry" // the daemon pushes them by digest, without a tag
)

// Component is one image of the service. Defaults are filled in.
type Component struct {
	Name          component.Name
	Image         imageref.Repository // repository without tag, e.g. ghcr.io/acme/shop, unless environments differ: Config.Repository
	Tag           Template            // tag template
	Context       string              // slash-separated, relative to the repository root; "." by default
	Dockerfile    string              // slash-separated, relative to the repository root; "Dockerfile" in Context by default
	Target        string              // stage; "" is the last one
	Platforms     []string            // os/arch[/variant]; empty is that of the machine that builds
	Args          map[string]string   // build arguments, never secrets
	Labels        map[string]string   // image labels added to the org.opencontainers.image ones
	Secrets       []Secret
	SSH           []SSH             // agents or keys for RUN --mount=type=ssh
	Contexts      map[string]string // named contexts: a directory relative to the root, or docker-image://reference
	Needs         []component.Name  // components whose images are named contexts of this one, under their names
	OnBuildMounts bool              // base images' ONBUILD instructions may mount, also where there are secrets or SSH keys
	Reproducible  bool              // every daemon gives the same digest, as far as the build steps do
	Cache         Cache
	Provenance    Provenance // "" is none
	SBOM          string     // "" is none, "true" BuildKit's own generator, else the generator's image
	Line          int        // where its name stands in the file
	Column        int

	image image // as the file has it
}

// decodeComponent returns a component, and whether it needs the image of the whole file.
func decodeComponent(d *yamlschema.Decoder, key *yaml.Node, v yamlschema.Value) (c Component, imageless bool) {
	c = Component{Name: component.Name(d.Key(key, v, grammar.Name)), Line: key.Line, Column: key.Column}
	seen := d.Mapping(key, v, slices.Concat(buildFields(d, &c), imageFields(d, &c))...)
	return c, seen != nil && !seen["image"]
}

// decodeNames decodes a list of names of components; one may stand without a list.
func decodeNames(d *yamlschema.Decoder, into *[]component.Name) yamlschema.Decode {
	return d.List(true, func(v yamlschema.Value) {
		if text, ok := d.StringValue(v, grammar.Name); ok {
			*into = append(*into, component.Name(text))
		}
	})
}

// buildFields are the keys that say how an image is built.
func buildFields(d *yamlschema.Decoder, c *Component) []yamlschema.Field {
	return []yamlschema.Field{
		yamlschema.Optional("dockerfile", "Path of the Dockerfile, relative to the repository's root.", "Dockerfile in `context`",
			d.String(&c.Dockerfile, grammar.FilePath)),
		yamlschema.Optional("context", "Directory that COPY reads, relative to the repository's root.", "the root itself",
			d.String(&c.Context, grammar.Directory)),
		yamlschema.Optional("target", "Name or number of the stage to build.", "the last one", d.String(&c.Target, grammar.Stage)),
		yamlschema.Optional("args", "Build arguments, by name. They stay in the image's history: no secrets.", "none",
			decodeArgs(d, &c.Args)),
		yamlschema.Optional("secrets", "Secrets for `RUN --mount=type=secret`, which never get into an image.", "none",
			decodeSecrets(d, &c.Secrets)),
		yamlschema.Optional("ssh", "Agents or keys for `RUN --mount=type=ssh`: `default` is the agent of SSH_AUTH_SOCK, `id=path` a "+
			"socket or a key; one, or a list.", "none", decodeSSH(d, &c.SSH)),
		yamlschema.Optional("platforms", "List of os/arch or os/arch/variant, e.g. linux/arm64.",
			"Linux on the processor of the machine that runs the command", d.Strings(&c.Platforms, false, grammar.Platform)),
		yamlschema.Optional("labels", "Labels of the image, by name, beside the org.opencontainers.image ones, which are set by "+
			"themselves.", "none", d.Literals(&c.Labels, grammar.LabelKey)),
		yamlschema.Optional("contexts", "Names for FROM and COPY --from, each a directory relative to the repository's root, or "+
			"docker-image:// and an image.", "none", decodeContexts(d, &c.Contexts)),
		yamlschema.Optional("needs", "Components whose images FROM and COPY --from find under their names; one, or a list.", "none",
			decodeNames(d, &c.Needs)),
		yamlschema.Refused("inputs", func(v yamlschema.Value) { refuseInputs(d, v) }),
		yamlschema.Optional("reproducible", "Whether every daemon gives the image the same digest, as far as its build steps do. "+
			"It costs: each build packs every layer again, and steps see files of one constant time.", "false", d.Bool(&c.Reproducible)),
		yamlschema.Optional("onbuildMounts",
			"Whether ONBUILD instructions of base images may use `--mount` although the component has `secrets` or `ssh`, which they "+
				"could read.",
			"false", d.Bool(&c.OnBuildMounts)),
		yamlschema.Optional("cache", "Where this component's build steps are kept for machines that have not run them.",
			"`cache` at the top of the file", decodeCache(d, &c.Cache)),
	}
}

// imageFields are the keys that say what is attached to an image, and what it is called.
func imageFields(d *yamlschema.Decoder, c *Component) []yamlschema.Field {
	return []yamlschema.Field{
		yamlschema.Optional("provenance", "SLSA attestation of how the image was built: `min`, or `max` with the Dockerfile and all "+
			"arguments. `true` is `min`.", "false", decodeProvenance(d, &c.Provenance)),
		yamlschema.Optional("sbom", "Attestation of what is in the image: `true` for BuildKit's own generator, or a generator's image.",
			"false", decodeSBOM(d, &c.SBOM)),
		yamlschema.Optional("image", "Repository of the image, with its registry and without a tag; or a template of it, with the fields "+
			fieldList(repositoryFields)+".", "`image` at the top of the file", decodeImage(d, &c.image)),
		yamlschema.Optional("tag", "Template of the tag, with the fields "+fieldList(tagFields)+".", "`tag` at the top of the file",
			decodeTemplate(d, &c.Tag, tagFields)),
	}
}

// refuseInputs says what took the place of a key that listed files by hand, and so went stale with each new module.
func refuseInputs(d *yamlschema.Decoder, v yamlschema.Value) {
	d.ReportAt(v.Node, "remove it: what an image is built from is known exactly from its build\n"+
		"files that `prepare` does not read: prepare: { run: […], ignore: ['docs/**'] }", "%s is no longer a key", v.Path)
}

// Loader is the runtime into which `mage build` loads its images, so that they can be run on this machine.
type Loader string

// The loaders.
const (
	LoaderAuto       Loader = "auto"       // Docker or else containerd, whichever answers; none in a GitHub workflow
	LoaderDocker     Loader = "docker"     // the Docker Engine of DOCKER_HOST, of docker's context, or of this machine
	LoaderContainerd Loader = "containerd" // the containerd of CONTAINERD_ADDRESS, or of this machine
	LoaderNone       Loader = "none"
)

// decodeContexts decodes named contexts: what FROM and COPY --from find under a name instead of a stage or an image.
func decodeContexts(d *yamlschema.Decoder, into *map[string]string) yamlschema.Decode {
	return d.Pairs(into, contextName, grammar.ContextSource)
}

var contextName = yamlschema.Matching("context name", `[a-z0-9](?:[a-z0-9./:_-]*[a-z0-9])?`,
	"lower-case letters, digits, `-`, `_`, `.`, `/` and `:`, as FROM or COPY --from has it")

// ImageScheme marks a named context that is an image.
const ImageScheme = grammar.ImageScheme
