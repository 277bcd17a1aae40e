package build

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// frontend is the name of BuildKit's own Dockerfile frontend.
const frontend = "dockerfile.v0"

// frontendAttrs are the Dockerfile frontend's options (buildkit, frontend/dockerui/config.go).
func (b *builder) frontendAttrs(img plan.Image, platforms []string, session func(dir string) (id string)) map[string]string {
	attrs := map[string]string{"filename": img.Dockerfile}
	b.contextAttrs(img, session, attrs)
	if img.Target != "" {
		attrs["target"] = img.Target
	}
	if len(platforms) > 0 {
		attrs["platform"] = strings.Join(platforms, ",")
	}
	if b.opts.NoCache {
		attrs["no-cache"] = "" // all stages
	}
	if declaresEpoch(b.dir(img.Dockerfile)) {
		attrs["build-arg:"+epochArg] = b.epoch()
	}
	for name, value := range img.Args {
		attrs["build-arg:"+name] = value
	}
	for name, value := range img.Labels {
		attrs["label:"+name] = value
	}
	attestAttrs(img, attrs)
	return attrs
}

// contextAttrs point the frontend at the sessions that serve an image's directories.
func (b *builder) contextAttrs(img plan.Image, session func(dir string) (id string), attrs map[string]string) {
	own := session(img.Context)
	attrs["local-sessionid:"+mountContext], attrs["local-sessionid:"+mountDockerfile] = own, own
	for name, source := range img.Contexts {
		if strings.HasPrefix(source, config.ImageScheme) {
			attrs["context:"+name] = source
			continue
		}
		mount := mountContext + ":" + name // its own in the build, however the session calls it
		attrs["context:"+name] = "local:" + mount
		attrs["local-sessionid:"+mount] = session(source)
	}
}

// served are the directories of an image, and of what it needs, as a session serves them. What is to be the same everywhere gets
// files of one time, as no two checkouts have the same ones.
func (b *builder) served(img plan.Image) (all []served) {
	for _, dir := range directories(img) {
		all = append(all, b.servedFor(img, dir))
	}
	return all
}

func (b *builder) servedFor(img plan.Image, dir string) served {
	s := served{dir: b.dir(dir)}
	if img.Reproducible {
		s.epoch = b.plan.Created
	}
	return s
}

// directories are those that an image and what it needs are built from, each once, relative to the root.
func directories(img plan.Image) (dirs []string) {
	for _, img := range withNeeds(img) {
		dirs = append(dirs, img.Context)
		for _, name := range slices.Sorted(maps.Keys(img.Contexts)) {
			if source := img.Contexts[name]; !strings.HasPrefix(source, config.ImageScheme) {
				dirs = append(dirs, source)
			}
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// export says where an image goes. What its digest depends on is the same for both ways.
func (b *builder) export(img plan.Image, r request) client.ExportEntry {
	attrs := b.imageAttrs(img, len(r.platforms) > 1 || attested(img))
	if r.push {
		attrs[string(exptypes.OptKeyPush)] = "true"
		attrs[string(exptypes.OptKeyPushByDigest)] = "true"
		attrs[string(exptypes.OptKeyName)] = img.Repository
		return client.ExportEntry{Type: client.ExporterImage, Attrs: attrs}
	}
	attrs["tar"] = "false" // blobs go into the store one by one, and known ones not at all
	return client.ExportEntry{Type: client.ExporterOCI, Attrs: attrs, OutputStore: b.layout.Store()}
}

// imageAttrs are the options of both exporters (buildkit README, "Output"; exporter/containerimage/exptypes). All that the
// digest depends on is pinned, so that it does not change with a daemon's defaults. Layers keep the times of their files unless
// the image is to be reproducible: setting them means packing each layer again at every export, also one of before.
func (b *builder) imageAttrs(img plan.Image, index bool) map[string]string {
	attrs := map[string]string{
		string(exptypes.OptKeyOCITypes):         "true",
		string(exptypes.OptKeyLayerCompression): "gzip",
		string(exptypes.OptKeyForceCompression): "false", // base layers stay what the registry has
		string(exptypes.OptKeySourceDateEpoch):  b.epoch(),
		string(exptypes.OptKeyRewriteTimestamp): strconv.FormatBool(img.Reproducible),
	}
	for name, value := range b.origin(img.Component) {
		attrs["annotation."+name] = value
		if index {
			attrs["annotation-index."+name] = value
		}
	}
	return attrs
}

// origin are annotations that tell what an image was made of in the manifest itself, where one request finds it; labels
// are a blob further.
func (b *builder) origin(component string) map[string]string {
	origin := map[string]string{
		ocispec.AnnotationRevision: b.plan.Commit.SHA,
		plan.InputsAnnotation:      b.opts.Inputs[component].Digest,
		plan.SourcesAnnotation:     b.opts.Inputs[component].Sources,
	}
	maps.DeleteFunc(origin, func(_, value string) bool { return value == "" })
	return origin
}

// epochArg is the build argument of the same name as the variable of reproducible-builds.org.
const epochArg = "SOURCE_DATE_EPOCH"

func (b *builder) epoch() string { return strconv.FormatInt(b.plan.Created.Unix(), 10) }

var epochDeclaration = regexp.MustCompile(`(?mi)^\s*ARG\s+(\S+\s+)*` + epochArg + `\b`)

// declaresEpoch reports whether a Dockerfile asks for the epoch. Others do not get it as an argument: BuildKit makes it
// part of WORKDIR's cache key, so that every commit would run all steps below again.
func declaresEpoch(dockerfile string) bool {
	data, err := os.ReadFile(dockerfile)
	return err == nil && epochDeclaration.Match(data)
}
