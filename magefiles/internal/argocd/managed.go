package argocd

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// manifestEvery is the interval at which the manifests of all resources of an application are read while images are missing: they may be
// large.
const manifestEvery = 5 * time.Second

// managedImages asks for the images that the live manifests of an application name. The application's summary knows those of pods only,
// and a sync's result what that one sync applied: a scaled-down workload or a cron job is in neither.
func (c *Client) managedImages(ctx context.Context, t Target) ([]string, error) {
	var answer struct {
		Items []struct {
			Kind string `json:"kind"`
			Live string `json:"liveState"`
		} `json:"items"`
	}
	path := "/api/v1/applications/" + url.PathEscape(t.Application) + "/managed-resources"
	if err := c.getJSON(ctx, answerTimeout, path, t.projectQuery(), &answer); err != nil {
		return nil, err
	}
	var images []string
	for _, item := range answer.Items {
		if item.Kind == "ConfigMap" || item.Kind == "Secret" {
			continue
		}
		var manifest map[string]any
		decoder := json.NewDecoder(strings.NewReader(item.Live))
		decoder.UseNumber() // a tag of digits stays as it is
		if decoder.Decode(&manifest) != nil {
			continue
		}
		delete(manifest, "metadata")
		delete(manifest, "status")
		images = append(images, imagesIn(manifest)...)
	}
	return images, nil
}

// imagesIn finds every image that a field names, as workloads and custom resources have them.
func imagesIn(node any) []string {
	var images []string
	switch node := node.(type) {
	case map[string]any:
		for key, value := range node {
			if image := imageref.OfField(key, value); image != "" {
				images = append(images, image)
			} else {
				images = append(images, imagesIn(value)...)
			}
		}
	case []any:
		for _, item := range node {
			images = append(images, imagesIn(item)...)
		}
	}
	return images
}

// podReason returns the reason why a pod of an unhealthy resource does not start; empty where no pod has one. The resource itself only
// reports that its deadline has passed.
func (c *Client) podReason(ctx context.Context, t Target) string {
	var answer struct {
		Nodes []struct {
			managedResource
			Info []struct {
				Name  string `json:"name"`
				Value string `json:"value"`
			} `json:"info"`
		} `json:"nodes"`
	}
	path := "/api/v1/applications/" + url.PathEscape(t.Application) + "/resource-tree"
	if err := c.getJSON(ctx, answerTimeout, path, t.projectQuery(), &answer); err != nil {
		return "" // it is only to explain
	}
	for _, node := range answer.Nodes {
		if node.Kind == "Pod" && node.Health != nil && node.Health.Status == "Degraded" {
			return node.displayName() + withReason(node.Health.Message)
		}
	}
	return ""
}
