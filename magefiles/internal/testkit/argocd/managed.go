package argocd

import (
	"encoding/json"
	"net/http"
)

// Manage sets the images of the live manifests of an application, which a client reads of its managed resources: of a Deployment of
// no replicas and of a CronJob that has not run, neither of which the summary knows.
func (s *Server) Manage(name string, images ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.applications[home+"/"+name].managed = images
}

// Pods sets why pods of an application do not start, as its resource tree has it.
func (s *Server) Pods(name string, reasons ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.applications[home+"/"+name].pods = reasons
}

// managedResources are a ConfigMap, whose text names an image that nothing runs, and a workload for each image. Without any set, they
// are those of the summary.
func (e *entry) managedResources(w http.ResponseWriter) {
	images := e.managed
	if images == nil {
		images = e.Status.Summary.Images
	}
	items := []map[string]any{{
		"kind": "ConfigMap", "namespace": "shop", "name": "settings",
		"liveState": live("ConfigMap", map[string]any{"data": map[string]any{"image": "of-a-text:1"}}),
	}}
	for _, image := range images {
		containers := []any{map[string]any{"name": "main", "image": image}}
		template := map[string]any{"spec": map[string]any{"containers": containers}}
		items = append(items, map[string]any{
			"group": "batch", "kind": "CronJob", "namespace": "shop", "name": "job",
			"liveState": live("CronJob",
				map[string]any{"spec": map[string]any{"jobTemplate": map[string]any{"spec": map[string]any{"template": template}}}}),
		})
	}
	answer(w, http.StatusOK, map[string]any{"items": items})
}

// live returns a manifest as text, the form that Argo CD has, with the annotation of the last applied configuration.
func live(kind string, manifest map[string]any) string {
	manifest["kind"] = kind
	manifest["metadata"] = map[string]any{
		"annotations": map[string]any{"kubectl.kubernetes.io/last-applied-configuration": "{}"},
		"image":       "of-no-workload:1",
	}
	text, _ := json.Marshal(manifest) // of maps and texts
	return string(text)
}

func (e *entry) resourceTree(w http.ResponseWriter) {
	nodes := []map[string]any{{
		"kind": "Deployment", "namespace": "shop", "name": "web",
		"health": map[string]any{"status": e.Status.Health.Status},
	}}
	for _, reason := range e.pods {
		nodes = append(nodes, map[string]any{
			"kind": "Pod", "namespace": "shop", "name": "web-7b4bd9f4f7-lp5fk", "health": map[string]any{
				"status":  "Degraded",
				"message": reason,
			},
		})
	}
	answer(w, http.StatusOK, map[string]any{"nodes": nodes})
}
