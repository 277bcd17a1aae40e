package build

import (
	"maps"
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
		plan.PrepareKeyAnnotation:  b.opts.PrepareKeys[component],
	}
	maps.DeleteFunc(origin, func(_, value string) bool { return value == "" })
	return origin
}

func (b *builder) epoch() string { return strconv.FormatInt(b.plan.Created.Unix(), 10) }
