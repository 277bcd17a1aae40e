package daemon

import "path/filepath"

// LocalSockets are the addresses at which BuildKit's own packages listen: rootful, and rootless below runtimeDir
// (XDG_RUNTIME_DIR; empty leaves it out). See buildkit, util/appdefaults.
func LocalSockets(runtimeDir string) []string {
	sockets := []string{"unix:///run/buildkit/buildkitd.sock"}
	if runtimeDir != "" {
		sockets = append(sockets, "unix://"+filepath.Join(runtimeDir, "buildkit", "buildkitd.sock"))
	}
	return sockets
}
