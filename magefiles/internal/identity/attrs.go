package identity

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// Names of the directories that the Dockerfile frontend asks for.
const (
	mountContext    = "context"
	mountDockerfile = "dockerfile"
)

// Frontend asks for images as the Dockerfile frontend takes it (buildkit, frontend/dockerui/config.go). It is the one place
// that says what a build is given, for the key and for the build.
type Frontend struct {
	Files   *worktree.Tree
	Epoch   time.Time               // SOURCE_DATE_EPOCH for Dockerfiles that declare it
	Session func(dir string) string // id of the session that serves a directory, relative to the root

	needs *needResults // kept over several images; nil: for this one
}

// Attrs returns the frontend's options for an image, without its Stamp.
func (f Frontend) Attrs(ctx context.Context, image plan.Image, platforms []string) map[string]string {
	attrs := map[string]string{"filename": image.Dockerfile, "platform": strings.Join(platforms, ",")}
	if len(platforms) == 0 {
		delete(attrs, "platform")
	}
	f.contextAttrs(image, attrs)
	if image.Target != "" {
		attrs["target"] = image.Target
	}
	if f.declaresEpoch(ctx, image) {
		attrs["build-arg:"+epochArg] = strconv.FormatInt(f.Epoch.Unix(), 10)
	}
	for name, value := range image.Args {
		attrs["build-arg:"+name] = value
	}
	stamp := Stamp(image)
	for name, value := range image.Labels {
		if _, ofCommit := stamp[name]; !ofCommit {
			attrs["label:"+name] = value
		}
	}
	attestAttrs(image, attrs)
	return attrs
}

// contextAttrs point the frontend at the sessions that serve an image's directories.
func (f Frontend) contextAttrs(image plan.Image, attrs map[string]string) {
	own := f.Session(image.Context)
	attrs["local-sessionid:"+mountContext], attrs["local-sessionid:"+mountDockerfile] = own, own
	for name, source := range image.Contexts {
		if strings.HasPrefix(source, config.ImageScheme) {
			attrs["context:"+name] = source
			continue
		}
		mount := mountContext + ":" + name // its own in the build, however the session calls it
		attrs["context:"+name] = "local:" + mount
		attrs["local-sessionid:"+mount] = f.Session(source)
	}
}

// Stamp returns the labels that differ from commit to commit. They are no part of what an image is made of, so they are put
// into its configuration once its key is known.
func Stamp(image plan.Image) map[string]string {
	stamp := map[string]string{}
	for _, name := range []string{plan.RevisionLabel, ocispec.AnnotationCreated, ocispec.AnnotationVersion} {
		value, labelled := image.Labels[name]
		_, own := image.OwnLabels[name]
		if labelled && (!own || name == plan.RevisionLabel) {
			stamp[name] = value
		}
	}
	return stamp
}

// sbomDefault is plan.Image.SBOM for BuildKit's own generator.
const sbomDefault = "true"

// attestAttrs are the frontend's options for attestations (buildkit, frontend/attestations).
func attestAttrs(image plan.Image, attrs map[string]string) {
	if image.Provenance != "" {
		attrs["attest:provenance"] = "mode=" + string(image.Provenance)
	}
	switch image.SBOM {
	case "":
	case sbomDefault:
		attrs["attest:sbom"] = ""
	default:
		attrs["attest:sbom"] = "generator=" + image.SBOM
	}
}

// exporterAttrs returns the exporter's attributes of an image that are not part of the build graph.
func exporterAttrs(image plan.Image) map[string]string {
	attrs := map[string]string{}
	attestAttrs(image, attrs)
	if image.Reproducible {
		attrs["reproducible"] = "true"
	}
	return attrs
}

// epochArg is the build argument of the same name as the variable of reproducible-builds.org.
const epochArg = "SOURCE_DATE_EPOCH"

var epochDeclaration = regexp.MustCompile(`(?mi)^\s*ARG\s+(\S+\s+)*` + epochArg + `\b`)

// declaresEpoch reports whether a Dockerfile asks for the epoch and the configuration does not set it. Others do not get it
// as an argument: BuildKit makes it part of WORKDIR's cache key, so that every commit would run all steps below again.
func (f Frontend) declaresEpoch(ctx context.Context, image plan.Image) bool {
	if _, set := image.Args[epochArg]; set {
		return false
	}
	dockerfile, err := f.Files.Read(ctx, ".", image.Dockerfile)
	return err == nil && epochDeclaration.Match(dockerfile)
}
