package argocd

import (
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// missingImages are the expected images that do not run: the summary lists those of pods, and the sync of our own revision those that it
// applied, hooks among them. more are those of live manifests, where these were asked for.
func missingImages(expected []string, app *appState, applied bool, more []string) []string {
	live := append(slices.Clip(app.Status.Summary.Images), more...)
	if state := app.Status.OperationState; applied && state != nil && state.SyncResult != nil {
		for _, r := range state.SyncResult.Resources {
			if r.Status == "Synced" {
				live = append(live, r.Images...)
			}
		}
	}
	var missing []string
	for _, want := range expected {
		if !runsImage(want, live) {
			missing = append(missing, want)
		}
	}
	return missing
}

func runsImage(want string, live []string) bool {
	for _, have := range live {
		if sameRepository(want, have) {
			return true
		}
	}
	return false
}

// sameRepository compares repository and version. A cluster may pull through a mirror or a proxy: then another host, and perhaps a
// path of the mirror's own, stand before the repository's path.
func sameRepository(want, have string) bool {
	w, h := imageref.Split(want), imageref.Split(have)
	if w.Digest != "" && h.Digest != "" {
		return w.Digest == h.Digest // which is what runs, whatever tag stands beside it
	}
	if w.Tag == "" || w.Tag != h.Tag {
		return false
	}
	_, path, ok := strings.Cut(w.Name, "/")
	return w.Name == h.Name || ok && strings.HasSuffix(h.Name, "/"+path)
}
