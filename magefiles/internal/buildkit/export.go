package buildkit

import (
	"maps"
	"strconv"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// exporter says how the daemons write images, and makes one image of what several of them have written.
type exporter struct {
	plan        plan.Plan
	prepareKeys map[component.Name]string // as Options.PrepareKeys
	layout      *ocilayout.Layout
}

// exportEntry says where an image goes. What its digest depends on is the same for both ways.
func (e exporter) exportEntry(img plan.Image, r solveRequest) client.ExportEntry {
	attrs := e.imageAttrs(img, len(r.platforms) > 1 || hasAttestations(img))
	if r.push {
		attrs[string(exptypes.OptKeyPush)] = "true"
		attrs[string(exptypes.OptKeyPushByDigest)] = "true"
		attrs[string(exptypes.OptKeyName)] = img.Repository.String()
		return client.ExportEntry{Type: client.ExporterImage, Attrs: attrs}
	}
	attrs["tar"] = "false" // blobs go into the store one by one, and known ones not at all
	return client.ExportEntry{Type: client.ExporterOCI, Attrs: attrs, OutputStore: e.layout.Store()}
}

// imageAttrs are the options of both exporters (buildkit README, "Output"; exporter/containerimage/exptypes). All that the
// digest depends on is pinned, so that it does not change with a daemon's defaults. Layers keep the times of their files unless
// the image is to be reproducible: setting them means packing each layer again at every export, also one of before.
func (e exporter) imageAttrs(img plan.Image, index bool) map[string]string {
	attrs := map[string]string{
		string(exptypes.OptKeyOCITypes):         "true",
		string(exptypes.OptKeyLayerCompression): "gzip",
		string(exptypes.OptKeyForceCompression): "false", // base layers stay what the registry has
		string(exptypes.OptKeySourceDateEpoch):  e.sourceDateEpoch(),
		string(exptypes.OptKeyRewriteTimestamp): strconv.FormatBool(img.Reproducible),
	}
	for name, value := range e.originAnnotations(img.Component) {
		attrs["annotation."+name] = value
		if index {
			attrs["annotation-index."+name] = value
		}
	}
	return attrs
}

// originAnnotations returns the annotations that say what an image was made of in the manifest itself, where one request finds it; labels
// are a blob further.
func (e exporter) originAnnotations(name component.Name) map[string]string {
	origin := map[string]string{
		ocispec.AnnotationRevision: string(e.plan.Commit.SHA),
		plan.PrepareKeyAnnotation:  e.prepareKeys[name],
	}
	maps.DeleteFunc(origin, func(_, value string) bool { return value == "" })
	return origin
}

func (e exporter) sourceDateEpoch() string { return strconv.FormatInt(e.plan.Created.Unix(), 10) }
