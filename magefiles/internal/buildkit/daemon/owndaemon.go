package daemon

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Version is the BuildKit release of astrago-ci's own daemon: that of scripts/tools/buildkit and of the client library.
const Version = "v0.34.2"

// rootlesskitVersion is that of scripts/tools/rootlesskit, with which an ordinary user runs the daemon.
const rootlesskitVersion = "v2.3.6"

// Settings are those of astrago-ci's own daemon, in a container or not. They take effect when the daemon is started.
type Settings struct {
	Idle     time.Duration // how long it stays up without users; zero is DefaultIdle. One in a container stays.
	MaxSpace int64         // bytes above which it removes what was not used for longest; zero is DefaultMaxSpace
	// Registries are the settings of registries that this machine configures. A running daemon is replaced when they change.
	Registries []Registry
	Traces     []string // environment that says where it sends its spans, for one that is started now; it has no other use for it
}

// What Daemon's zero values stand for.
const (
	DefaultIdle     = 10 * time.Minute
	DefaultMaxSpace = 25 * gigabyte
)

const gigabyte = 1_000_000_000

func (d Settings) idleTime() time.Duration { return cmp.Or(d.Idle, DefaultIdle) }

// pollTime returns the interval at which a daemon checks whether it is used: short enough to stop in time, long enough to cost nothing.
func (d Settings) pollTime() time.Duration {
	return min(max(d.idleTime()/10, 100*time.Millisecond), 10*time.Second)
}

// socketPathLimit is the longest path that fits sockaddr_un on Linux (unix(7): 108 bytes with the final zero).
const socketPathLimit = 107

// stateDir is the state directory of astrago-ci's own daemon. All users of one cache share the daemon.
type stateDir string

func (d stateDir) filePath(name string) string { return filepath.Join(string(d), name) }

// usersLock is locked shared by every process that builds, and exclusively by the supervisor that stops the daemon.
func (d stateDir) usersLock() string { return d.filePath("users.lock") }

// ownerLock is locked by the supervisor for as long as it lives, and holds its process id.
func (d stateDir) ownerLock() string { return d.filePath("owner.lock") }

func (d stateDir) logPath() string { return d.filePath("buildkitd.log") }

// socketDir returns the directory of the sockets: in the state directory, or in a short one below temp when its path is too long.
func (d stateDir) socketDir(temp string) string {
	if len(d.filePath(longestSocket)) <= socketPathLimit {
		return string(d)
	}
	sum := sha256.Sum256([]byte(d))
	return filepath.Join(temp, "astrago-ci-"+hex.EncodeToString(sum[:8]))
}

const (
	daemonSocket  = "buildkitd.sock"
	otelSocket    = "otel-grpc.sock"
	rootlessDir   = "rootlesskit"
	longestSocket = rootlessDir + "/api.sock"
)

// daemonConfig is buildkitd.toml (buildkit, docs/buildkitd.toml.md). Steps use the host's network, as there may be no
// CNI plugins, and a base image may come from a registry on loopback. Without a build history, which nothing reads,
// a build without changes takes about 40% less time. The collector keeps what a few dozen builds need.
func daemonConfig(root, sockets, runc string, rootless bool, d Settings) ([]byte, error) {
	text := workerConfig(root, sockets, runc, rootless, d)
	registries, err := RegistryTables(d.Registries)
	if err != nil || len(registries) == 0 {
		return text, err
	}
	return append(append(text, '\n'), registries...), nil
}

// workerConfig is all of it but the registries.
func workerConfig(root, sockets, runc string, rootless bool, d Settings) []byte {
	space := cmp.Or(d.MaxSpace, DefaultMaxSpace)
	return fmt.Appendf(nil, `root = %q

[grpc]
  address = [ %q ]

[otel]
  socketPath = %q

[history]
  maxEntries = 0

[worker.containerd]
  enabled = false

[worker.oci]
  enabled = true
  rootless = %t
  binary = %q
  networkMode = "host"
  gc = true

[worker.oci.labels]
  %q = "%d"

[[worker.oci.gcpolicy]]
  all = true
  reservedSpace = %d
  maxUsedSpace = %d
  minFreeSpace = "5%%"
`, root, "unix://"+filepath.Join(sockets, daemonSocket), filepath.Join(sockets, otelSocket), rootless, runc,
		labelCPUs, runtime.NumCPU(), space/5, space)
}

// logTail is the end of the daemon's log, for the error that says that it did not come up.
func logTail(path string, lines int) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// ErrNotFound is that the search has found none.
var ErrNotFound = errors.New("finding a BuildKit daemon")

// noDaemon is the end of the search.
func noDaemon(reason string, tried []string) error {
	text := reason
	if len(tried) > 0 {
		text += "; tried " + strings.Join(tried, "; ")
	}
	return problem.New(problem.Failed, "set BUILDKIT_HOST to a daemon's address, or start one on this machine "+
		"(rootless: https://github.com/moby/buildkit/blob/master/docs/rootless.md)", "%w: %s", ErrNotFound, text)
}
