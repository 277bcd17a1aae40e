package build

import "github.com/xiilab/astrago-ci/magefiles/internal/plan"

// attestPrefix begins the frontend's options for attestations (buildkit, frontend/attestations).
const attestPrefix = "attest:"

// sbomDefault is plan.Image.SBOM for BuildKit's own generator.
const sbomDefault = "true"

// attested tells that an image has attestations. They stand in an index beside the manifest, also for one platform. The
// index has another digest in each build, as they hold times; the manifest stays the same.
func attested(img plan.Image) bool { return img.Provenance != "" || img.SBOM != "" }

func attestAttrs(img plan.Image, attrs map[string]string) {
	if img.Provenance != "" {
		attrs[attestPrefix+"provenance"] = "mode=" + string(img.Provenance)
	}
	switch img.SBOM {
	case "":
	case sbomDefault:
		attrs[attestPrefix+"sbom"] = ""
	default:
		attrs[attestPrefix+"sbom"] = "generator=" + img.SBOM
	}
}
