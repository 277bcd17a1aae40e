package rendercheck_test

import (
	"cmp"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/rendercheck"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// TestImageIsItsRepositoryAndDigest: a tag alone, of another repository or beside another image's digest, is another image.
func TestImageIsItsRepositoryAndDigest(t *testing.T) {
	const pushed, other = "sha256:1111111111111111111111111111111111111111111111111111111111111111", "sha256:2222222222222222222222222222222222222222222222222222222222222222"
	mirror := map[string]string{"ghcr.io": "registry.test:5000/ghcr", "ghcr.io/acme": "acme"}
	for name, test := range map[string]struct {
		ref, rendered string
		digest        string // of the pushed image; empty before it is
		mirrors       map[string]string
		refused       []string // words; none: it runs
	}{
		"itself":                             {rendered: "ghcr.io/acme/shop:new"},
		"another registry":                   {rendered: "docker.io/acme/shop:new", refused: []string{"another repository", "pushed    ghcr.io/acme/shop\n", "rendered  docker.io/acme/shop\n", "mirrors: { ghcr.io/acme/shop: docker.io/acme/shop }"}},
		"another registry, in short":         {rendered: "acme/shop:new", refused: []string{"another repository", "rendered  acme/shop\n"}},
		"another repository":                 {rendered: "ghcr.io/acme/store:new", refused: []string{"another repository"}},
		"another owner":                      {rendered: "ghcr.io/evil/shop:new", refused: []string{"another repository"}},
		"a mirror of the registry":           {rendered: "registry.test:5000/ghcr/acme/shop:new", mirrors: mirror},
		"a mirror of the owner, in short":    {rendered: "docker.io/acme/shop:new", mirrors: mirror},
		"a mirror of something else":         {rendered: "registry.test:5000/acme/shop:new", mirrors: mirror, refused: []string{"another repository"}},
		"a prefix that ends within a name":   {rendered: "x/hop:new", mirrors: map[string]string{"ghcr.io/acme/s": "x/"}, refused: []string{"another repository"}},
		"short names":                        {ref: "docker.io/acme/shop:new", rendered: "acme/shop:new"},
		"Docker's own":                       {ref: "docker.io/library/shop:new", rendered: "shop:new"},
		"another tag":                        {rendered: "ghcr.io/acme/shop:old", refused: []string{"no workload has the image"}},
		"its digest":                         {rendered: "ghcr.io/acme/shop:new@" + pushed, digest: pushed},
		"its digest alone":                   {rendered: "ghcr.io/acme/shop@" + pushed, digest: pushed},
		"the digest decides":                 {rendered: "ghcr.io/acme/shop:old@" + pushed, digest: pushed},
		"another digest beside its tag":      {rendered: "ghcr.io/acme/shop:new@" + other, digest: pushed, refused: []string{"beside the digest of another image", other, pushed, "{{ .Digest }}"}},
		"another digest alone":               {rendered: "ghcr.io/acme/shop@" + other, digest: pushed, refused: []string{"no workload has the image"}},
		"a digest before anything is pushed": {rendered: "ghcr.io/acme/shop:new@" + other},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			e := w.edit("helm/values.yaml", nil, newTags...)
			e.Mirrors, e.Images = test.mirrors, []rendercheck.Image{{Component: "core", Ref: refs.Image(cmp.Or(test.ref, "ghcr.io/acme/shop:new")).WithDigest(digest.Digest(test.digest))}}
			err := w.check(e, config.Check{Command: "printf 'kind: Pod\\nmetadata: {name: a}\\nspec: {image: \"" + test.rendered + "\"}\\n'"})
			if len(test.refused) > 0 {
				w.refused(err, append(test.refused, "Pod/a")...)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}
