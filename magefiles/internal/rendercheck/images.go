package rendercheck

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// renderedImage is an image that a rendered manifest asks for.
type renderedImage struct {
	manifest string // Kind/name
	image    string // as it stands there
}

// imagesOf finds every `image` of every manifest, also of kinds that are no part of Kubernetes itself. What ConfigMaps and
// Secrets hold is text to Kubernetes, and starts nothing.
func imagesOf(manifests []byte) ([]renderedImage, error) {
	var found []renderedImage
	decoder := yaml.NewDecoder(bytes.NewReader(manifests))
	for n := 1; ; n++ {
		var document any
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("manifest %d%s is not valid YAML", n, sourceOf(manifests, n)) // its text may quote what it is about
		}
		collectImages(document, "", func(n renderedImage) { found = append(found, n) })
	}
}

var (
	documentSeparator = regexp.MustCompile(`(?m)^---(?:[ \t].*)?$`)
	sourceComment     = regexp.MustCompile(`(?m)^# Source: ([\w./-]+)$`)
)

// sourceOf names the template of the n-th manifest, as helm writes it above.
func sourceOf(manifests []byte, n int) string {
	for _, text := range documentSeparator.Split(string(manifests), -1) {
		if strings.TrimSpace(text) != "" {
			n--
		}
		if m := sourceComment.FindStringSubmatch(text); n == 0 && m != nil {
			return ", of " + m[1] + ","
		}
	}
	return ""
}

// collectImages walks in the order of keys, so that what is found is in the same order every time. A list of manifests is walked
// into.
func collectImages(node any, manifest string, add func(renderedImage)) {
	switch node := node.(type) {
	case map[string]any:
		if name := manifestName(node); name != "" {
			manifest = name
		}
		if kind, _, _ := strings.Cut(manifest, "/"); kind == "ConfigMap" || kind == "Secret" {
			return
		}
		for _, key := range slices.Sorted(maps.Keys(node)) {
			if image := imageref.OfField(key, node[key]); image != "" {
				add(renderedImage{manifest, image})
			} else {
				collectImages(node[key], manifest, add)
			}
		}
	case []any:
		for _, item := range node {
			collectImages(item, manifest, add)
		}
	}
}

// manifestName is Kind/name of a manifest, empty for every other mapping.
func manifestName(node map[string]any) string {
	kind, _ := node["kind"].(string)
	metadata, _ := node["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	if kind == "" || name == "" {
		return ""
	}
	return kind + "/" + name
}
