package inputs

import (
	"runtime"

	"github.com/containerd/platforms"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// HostPlatform returns the platform of the containers that run on this machine, also where its own system is not Linux. Images are
// for it when the configuration names none: what a command builds then depends on no daemon, and is known without asking one.
func HostPlatform() string {
	return platforms.Format(platforms.Normalize(ocispec.Platform{OS: "linux", Architecture: runtime.GOARCH}))
}
