package buildkit

import "github.com/xiilab/astrago-ci/magefiles/internal/plan"

// hasAttestations reports whether an image has attestations. They stand in an index beside the manifest, also for one platform. The
// index has another digest in each build, as they hold times; the manifest stays the same.
func hasAttestations(img plan.Image) bool { return img.Provenance != "" || img.SBOM != "" }
