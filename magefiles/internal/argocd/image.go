package argocd

import (
	"slices"
	"strings"
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
	wantName, wantTag, wantDigest := splitImage(want)
	haveName, haveTag, haveDigest := splitImage(have)
	if wantDigest != "" && haveDigest != "" {
		return wantDigest == haveDigest // which is what runs, whatever tag stands beside it
	}
	if wantTag == "" || wantTag != haveTag {
		return false
	}
	_, path, ok := strings.Cut(wantName, "/")
	return wantName == haveName || ok && strings.HasSuffix(haveName, "/"+path)
}

// splitImage takes repository[:tag][@digest] apart; a colon before the last slash belongs to a port.
func splitImage(image string) (name, tag, digest string) {
	name, digest, _ = strings.Cut(image, "@")
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		name, tag = name[:colon], name[colon+1:]
	}
	return name, tag, digest
}

// withoutDigest is a reference as people compare it.
func withoutDigest(image string) string {
	short, _, _ := strings.Cut(image, "@")
	return short
}
