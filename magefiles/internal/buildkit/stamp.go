package buildkit

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
)

// errNoImage keeps a result without an image from an exporter, which would make an empty image of it and push that.
var errNoImage = errors.New("BuildKit's answer has no image")

// setLabels sets labels in the configuration of an answer's image, for each platform.
func setLabels(result *gateway.Result, labels map[string]string) error {
	platforms, err := exptypes.ParsePlatforms(result.Metadata)
	if err != nil {
		return fmt.Errorf("%w: %w", errNoImage, err)
	}
	for _, platform := range platforms.Platforms {
		key := exptypes.ExporterImageConfigKey
		if len(result.Refs) > 0 {
			key += "/" + platform.ID
			if _, built := result.Refs[platform.ID]; !built {
				return fmt.Errorf("%w for %s", errNoImage, platform.ID)
			}
		}
		config, err := withLabels(result.Metadata[key], labels)
		if err != nil {
			return fmt.Errorf("%w for %s: %w", errNoImage, platform.ID, err)
		}
		result.AddMeta(key, config)
	}
	return nil
}

// withLabels sets labels in an image's configuration and leaves everything else as it is.
func withLabels(data []byte, labels map[string]string) ([]byte, error) {
	var image, config map[string]json.RawMessage
	if err := json.Unmarshal(data, &image); err != nil {
		return nil, err
	}
	if image["os"] == nil {
		return nil, errors.New("its configuration names no platform")
	}
	if raw := image["config"]; raw != nil {
		if err := json.Unmarshal(raw, &config); err != nil {
			return nil, err
		}
	}
	all := map[string]string{}
	if raw := config["Labels"]; raw != nil {
		if err := json.Unmarshal(raw, &all); err != nil {
			return nil, err
		}
	}
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, labels)
	if config == nil {
		config = map[string]json.RawMessage{}
	}
	var err error
	if config["Labels"], err = json.Marshal(all); err != nil {
		return nil, err
	}
	if image["config"], err = json.Marshal(config); err != nil {
		return nil, err
	}
	return json.Marshal(image)
}

// setAnnotation sets an annotation of the image's manifests, and of its index where there is one.
func setAnnotation(result *gateway.Result, name, value string, index bool) {
	result.AddMeta(exptypes.AnnotationManifestKey(nil, name), []byte(value))
	if index {
		result.AddMeta(exptypes.AnnotationIndexKey(name), []byte(value))
	}
}
