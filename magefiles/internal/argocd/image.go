package argocd

import (
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// missingImages returns the expected images that do not run: the summary lists those of pods, and the sync of the commit's own revision
// those that it applied, including hooks. more are those of live manifests, if these were requested.
func (t Target) missingImages(expected []imageref.Reference, app *appState, applied bool, more []string) []imageref.Reference {
	live := append(slices.Clip(app.Status.Summary.Images), more...)
	if state := app.Status.OperationState; applied && state != nil && state.SyncResult != nil {
		for _, r := range state.SyncResult.Resources {
			if r.Status == "Synced" {
				live = append(live, r.Images...)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(expected), func(want imageref.Reference) bool {
		return slices.ContainsFunc(live, func(have string) bool { return t.isImage(have, want) })
	})
}

// isImage reports whether what runs is an image: of its repository and version. A cluster may pull through a mirror that the
// configuration names, or through a proxy that rewrites names by itself: then another host, and perhaps a path of its own, stand before
// the repository's path.
func (t Target) isImage(running string, want imageref.Reference) bool {
	runs := imageref.Split(running)
	if want.Digest != "" && runs.Digest != "" {
		return want.Digest.String() == runs.Digest // which decides what runs, regardless of the tag beside it
	}
	if want.Tag == "" || want.Tag != runs.Tag {
		return false
	}
	return strings.HasSuffix(runs.Name, "/"+want.Path) || slices.Contains(want.Repository.PulledAs(t.Mirrors), imageref.Pulled(runs.Name))
}
