package inspect_test

import (
	"fmt"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
)

func TestSizeCountsEachBlobOnce(t *testing.T) {
	blob := func(name string, size int) string { return fmt.Sprintf(`{"digest":"sha256:%s","size":%d}`, name, size) }
	manifest := `{"config":` + blob("c", 7) + `,"layers":[` + blob("a", 1000) + "," + blob("b", 200) + "," + blob("a", 1000) + `]}`
	for _, test := range []struct {
		mediaType, content string
		want               int64
	}{
		{ocispec.MediaTypeImageManifest, manifest, 1207 + int64(len(manifest))},
		{"application/vnd.docker.distribution.manifest.v2+json", manifest, 1207 + int64(len(manifest))},
		{ocispec.MediaTypeImageIndex, `{"manifests":[` + blob("m", 900) + `]}`, 0},
		{ocispec.MediaTypeImageManifest, `{"layers":`, 0},
	} {
		found := inspect.Found{Descriptor: ocispec.Descriptor{MediaType: test.mediaType}, Manifest: []byte(test.content)}
		if got := found.Size(); got != test.want {
			t.Errorf("%s has %d bytes, want %d", test.mediaType, got, test.want)
		}
	}
}
