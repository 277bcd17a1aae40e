package imageref_test

import (
	"testing"

	"github.com/distribution/reference"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// seeds are references and what stands in their place.
var seeds = []string{
	"", "shop", "shop:1", "ghcr.io/acme/shop:core-stage-a1b2c3d4", "localhost:5000/shop", "localhost:5000/shop:1", "registry:5000/a/b@" + sum,
	"ghcr.io/acme/shop:1@" + sum, sum, "1.0@" + sum, "[::1]:5000/a/b:1", "shop:", "shop@", "shop:1@", "shop:@" + sum, ":1", "@" + sum,
	"{{ .repository }}:{{ .tag }}", `{{ include "shop.image" . }}`, "https://ghcr.io/acme/shop:1", "docker-image://a/b:1@c@d", "index.docker.io/shop:1",
}

func TestSplit(t *testing.T) {
	for text, want := range map[string]imageref.Parts{
		"ghcr.io/acme/shop:1":          {Name: "ghcr.io/acme/shop", Tag: "1"},
		"ghcr.io/acme/shop:1@" + sum:   {Name: "ghcr.io/acme/shop", Tag: "1", Digest: sum},
		"ghcr.io/acme/shop@" + sum:     {Name: "ghcr.io/acme/shop", Digest: sum},
		"localhost:5000/shop":          {Name: "localhost:5000/shop"},
		"localhost:5000":               {Name: "localhost", Tag: "5000"},
		"core-1@" + sum:                {Name: "core-1", Digest: sum},
		sum:                            {Name: "sha256", Tag: sum[7:]},
		"shop:":                        {Name: "shop:"},
		"shop@":                        {Name: "shop@"},
		"a@b@c":                        {Name: "a", Digest: "b@c"},
		"{{ .repository }}:{{ .tag }}": {Name: "{{ .repository }}", Tag: "{{ .tag }}"},
	} {
		if got := imageref.Split(text); got != want {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

// FuzzSplit loses nothing of any text, and finds in each reference what distribution finds.
func FuzzSplit(f *testing.F) {
	for _, text := range seeds {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := imageref.Split(text)
		if got.String() != text {
			t.Fatalf("%q is %+v, which says %q", text, got, got)
		}
		parsed, err := reference.Parse(text)
		named, ok := parsed.(reference.Named)
		if err != nil || !ok {
			return
		}
		want := imageref.Parts{Name: named.Name()}
		if tagged, ok := named.(reference.Tagged); ok {
			want.Tag = tagged.Tag()
		}
		if digested, ok := named.(reference.Digested); ok {
			want.Digest = digested.Digest().String()
		}
		if got != want {
			t.Fatalf("%q is %+v, distribution has %+v", text, got, want)
		}
	})
}
