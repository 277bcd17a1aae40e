package rendercheck

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
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
			return nil, fmt.Errorf("manifest %d%s is no valid YAML", n, sourceOf(manifests, n)) // its text may quote what it is about
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
			if image := imageAt(key, node[key]); image != "" {
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

// imageAt is the image that a key names: as one text, or in the parts that charts and custom resources write it in.
func imageAt(key string, value any) string {
	switch value := value.(type) {
	case string:
		if key == "image" {
			return value
		}
	case map[string]any:
		if key == "image" || strings.HasSuffix(key, "Image") {
			return assembleReference(value)
		}
	}
	return ""
}

// assembleReference makes a reference of registry, repository (or name), tag and digest; "" of what names no version.
func assembleReference(parts map[string]any) string {
	part := func(key, before string) string {
		switch value := parts[key].(type) {
		case string:
			if value != "" {
				return before + value
			}
		case int, uint64: // a tag of digits that is not quoted
			return before + fmt.Sprint(value)
		}
		return ""
	}
	image := cmp.Or(part("repository", ""), part("name", ""))
	version := part("tag", ":") + part("digest", "@")
	if image == "" || version == "" {
		return ""
	}
	if registry := part("registry", ""); registry != "" {
		image = registry + "/" + image
	}
	return image + version
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
