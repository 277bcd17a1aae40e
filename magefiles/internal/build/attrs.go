package build

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// frontendAttrs are the Dockerfile frontend's options (buildkit, frontend/dockerui/config.go).
func (b *builder) frontendAttrs(img plan.Image) map[string]string {
	attrs := b.contexts.attrs(b.dir(img))
	attrs["filename"] = img.Dockerfile
	if img.Target != "" {
		attrs["target"] = img.Target
	}
	if len(img.Platforms) > 0 {
		attrs["platform"] = strings.Join(img.Platforms, ",")
	}
	if b.opts.NoCache {
		attrs["no-cache"] = "" // all stages
	}
	if declaresEpoch(filepath.Join(b.plan.Commit.Root, filepath.FromSlash(img.Dockerfile))) {
		attrs["build-arg:"+epochArg] = b.epoch()
	}
	for name, value := range img.Args {
		attrs["build-arg:"+name] = value
	}
	for name, value := range img.Labels {
		attrs["label:"+name] = value
	}
	return attrs
}

// imageAttrs are the options of both exporters (buildkit README, "Output"; exporter/containerimage/exptypes). All that the
// digest depends on is pinned, so that it does not change with a daemon's defaults.
func (b *builder) imageAttrs(img plan.Image) map[string]string {
	attrs := map[string]string{
		string(exptypes.OptKeyOCITypes):         "true",
		string(exptypes.OptKeyLayerCompression): "gzip",
		string(exptypes.OptKeyForceCompression): "false", // base layers stay what the registry has
		string(exptypes.OptKeySourceDateEpoch):  b.epoch(),
	}
	maps.Copy(attrs, b.annotations(len(img.Platforms) > 1))
	return attrs
}

// annotations tell the source revision in the manifest itself, where one request finds it; labels are a blob further.
func (b *builder) annotations(index bool) map[string]string {
	if b.plan.Commit.SHA == "" {
		return nil
	}
	attrs := map[string]string{"annotation." + ocispec.AnnotationRevision: b.plan.Commit.SHA}
	if index {
		attrs["annotation-index."+ocispec.AnnotationRevision] = b.plan.Commit.SHA
	}
	return attrs
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
