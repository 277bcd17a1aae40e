package build

import "github.com/xiilab/astrago-ci/magefiles/internal/plan"

// sbomDefault is plan.Image.SBOM for BuildKit's own generator.
const sbomDefault = "true"

// attested tells that an image has attestations. They stand in an index beside the manifest, also for one platform. The
// index has another digest in each build, as they hold times; the manifest stays the same.
func attested(img plan.Image) bool { return img.Provenance != "" || img.SBOM != "" }

// attestAttrs are the frontend's options for attestations (buildkit, frontend/attestations).
func attestAttrs(img plan.Image, attrs map[string]string) {
	if img.Provenance != "" {
		attrs["attest:provenance"] = "mode=" + string(img.Provenance)
	}
	switch img.SBOM {
	case "":
	case sbomDefault:
		attrs["attest:sbom"] = ""
	default:
		attrs["attest:sbom"] = "generator=" + img.SBOM
	}
}
