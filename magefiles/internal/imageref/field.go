package imageref

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// OfField returns the image that a field of a manifest names, as it stands there: as one text, or in the parts that charts and custom
// resources write it in; "" where it names none.
func OfField(key string, value any) string {
	switch value := value.(type) {
	case string:
		if key == "image" {
			return value
		}
	case map[string]any:
		if key == "image" || strings.HasSuffix(key, "Image") {
			return joinParts(value)
		}
	}
	return ""
}

// joinParts makes a reference of registry, repository (or name), tag and digest; "" of what names no version.
func joinParts(parts map[string]any) string {
	part := func(key, before string) string {
		switch value := parts[key].(type) {
		case string:
			if value != "" {
				return before + value
			}
		case int, uint64, json.Number: // a tag of digits that is not quoted
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
