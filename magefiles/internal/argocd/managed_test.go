package argocd

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestImagesInManifests finds what the check of charts finds: an image in parts would else be rendered, and never run.
func TestImagesInManifests(t *testing.T) {
	for text, want := range map[string][]string{
		`{"spec": {"containers": [{"image": "a:1"}], "initContainers": [{"image": "b:1"}]}}`:                     {"a:1", "b:1"},
		`{"spec": {"image": {"repository": "ghcr.io/acme/shop", "tag": 20261130}, "image2": "c:1"}}`:             {"ghcr.io/acme/shop:20261130"},
		`{"spec": {"webImage": {"registry": "ghcr.io", "name": "acme/shop", "digest": "sha256:1"}, "tag": "x"}}`: {"ghcr.io/acme/shop@sha256:1"},
		`{"spec": {"replicas": 1}}`: nil,
	} {
		var manifest map[string]any
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&manifest); err != nil {
			t.Fatal(err)
		}
		got := imagesIn(manifest)
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
