package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/containerd/platforms"
)

// Names of candidates that this process has not started.
const (
	CandidateHost   = "BUILDKIT_HOST"
	CandidateSocket = "socket"
)

// Candidate is one place of the order in which Connect looks for a daemon.
type Candidate struct {
	Name    string // such as "BUILDKIT_HOST", "Docker", "socket" or "own daemon"
	Address string // empty where there is none yet
	Usable  bool   // it answers, or could be made to
	Taken   bool   // Connect takes it; of several in BUILDKIT_HOST, ConnectAll takes each that is taken
	Why     string // why it is usable or not: a sentence part
	Version string // of a daemon that has answered, as the next
	// Platforms lists the platforms that it builds, its own first, such as linux/amd64.
	Platforms []string
	Local     bool // it is on this machine, as far as its address shows
}

// Discover reports of every place whether Connect would take it, and why. It starts, creates and writes nothing. What has to be made first,
// a container or astrago-ci's own daemon, can still fail for a reason that only making it shows.
func Discover(ctx context.Context, o Options) ([]Candidate, error) {
	if o.Host != "" {
		return discoverHosts(ctx, o)
	}
	var all []Candidate
	if o.Docker {
		all = append(all, discoverDocker(ctx))
	}
	for _, address := range o.Sockets {
		all = append(all, discoverSocket(ctx, CandidateSocket, address))
	}
	all = append(all, discoverOwn(ctx, o))
	for i := range all {
		if all[i].Usable {
			all[i].Taken = true
			break
		}
	}
	return all, context.Cause(ctx)
}

func discoverHosts(ctx context.Context, o Options) ([]Candidate, error) {
	addresses, err := parseAddresses(o.Host, o.TLS)
	if err != nil {
		return nil, err
	}
	all := make([]Candidate, len(addresses))
	var group sync.WaitGroup
	for i, a := range addresses {
		group.Go(func() {
			c, err := a.dialDaemon(ctx)
			all[i] = candidateOf(CandidateHost, a.String(), c, err)
			all[i].Taken = err == nil
		})
	}
	group.Wait()
	return all, context.Cause(ctx)
}

func discoverDocker(ctx context.Context) Candidate {
	found := Candidate{Name: "Docker"}
	c, err := inspectContainer(ctx)
	switch {
	case err != nil:
		found.Why = err.Error()
	case !c.exists:
		found.Usable, found.Why = true, "Docker answers; a build creates the container "+ContainerName
	case !c.running:
		found.Usable, found.Why = true, "our container is stopped; a build starts it"
	default:
		return discoverSocket(ctx, "Docker", "docker-container://"+ContainerName)
	}
	return found
}

// discoverSocket asks a daemon that should be running.
func discoverSocket(ctx context.Context, name, address string) Candidate {
	if path, unix := strings.CutPrefix(address, "unix://"); unix {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return Candidate{Name: name, Address: address, Why: "nothing is there"}
		}
	}
	c, err := dialAddress(ctx, address)
	if err == nil {
		c.Local = name != "Docker" || dockerIsLocal(ctx, "")
	}
	return candidateOf(name, address, c, err)
}

func candidateOf(name, address string, c *Connection, err error) Candidate {
	if err != nil {
		return Candidate{Name: name, Address: address, Why: dialCause(err)}
	}
	if err := c.Close(); err != nil {
		return Candidate{Name: name, Address: address, Why: dialCause(err)}
	}
	found := Candidate{Name: name, Address: address, Usable: true, Why: "it answers", Version: c.Version, Local: c.Local}
	for _, p := range c.Platforms {
		found.Platforms = append(found.Platforms, platforms.Format(platforms.Normalize(p)))
	}
	return found
}

func discoverOwn(ctx context.Context, o Options) Candidate {
	const name = "own daemon"
	absolute, err := filepath.Abs(o.CacheDir)
	if err != nil {
		return Candidate{Name: name, Why: err.Error()}
	}
	dir := stateDir(filepath.Join(absolute, "buildkit"))
	if found := discoverSocket(ctx, name, "unix://"+filepath.Join(dir.socketDir(os.TempDir()), daemonSocket)); found.Usable {
		return found
	}
	if err := canStart(); err != nil {
		return Candidate{Name: name, Why: err.Error()}
	}
	return Candidate{Name: name, Usable: true, Local: true, Why: fmt.Sprintf("a build starts buildkitd %s", Version)}
}
