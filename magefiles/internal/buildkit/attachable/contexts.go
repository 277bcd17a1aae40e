// Package attachable has what a daemon may ask this machine for during a build, over BuildKit's session: files of build contexts,
// secrets, SSH agents and registry credentials.
package attachable

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/session"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// Names of the directories that the Dockerfile frontend asks for.
const (
	mountContext    = "context"
	mountDockerfile = "dockerfile"
)

// Contexts serves the files of build contexts to one daemon: one session per directory, whatever the number of components
// that build from it. BuildKit then sees the same source in each of them and transfers it once; with a session for each
// build it walks and compares the whole directory for every component.
type Contexts struct {
	ctx     context.Context // of the sessions, which outlive the builds that open them
	client  *client.Client
	source  Source
	running sync.WaitGroup

	mu       sync.Mutex
	sessions map[ServedDir]*session.Session
	servers  []*worktree.Server
}

// ServedDir is a directory that one session serves.
type ServedDir struct {
	Dir   string    // absolute
	Epoch time.Time // of all files, see worktree.Tree.WithTime; zero: each has its own time
}

// Source describes the origin of the files.
type Source struct {
	Files   *worktree.Tree
	Root    string // repository root; Dockerfiles are named relative to it
	Node    string // id of this machine, see sharedKey
	Project string // owner/name of the repository
}

// OpenContexts serves files until Close. Failures of a session reach the build that uses it.
func OpenContexts(ctx context.Context, c *client.Client, src Source) *Contexts {
	return &Contexts{ctx: ctx, client: c, source: src, sessions: map[ServedDir]*session.Session{}}
}

// Open starts serving directories as far as they are not served yet.
func (cs *Contexts) Open(all []ServedDir) error {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, wanted := range all {
		if cs.sessions[wanted] != nil {
			continue
		}
		s, err := session.NewSession(cs.ctx, cs.source.sharedKey(wanted))
		if err != nil {
			return fmt.Errorf("opening build context %q: %w", wanted.Dir, err)
		}
		files := cs.source.Files
		if !wanted.Epoch.IsZero() {
			files = files.WithTime(wanted.Epoch)
		}
		server := files.Server(map[string]string{worktree.AnyName: wanted.Dir, mountDockerfile: cs.source.Root})
		s.Allow(server)
		cs.sessions[wanted], cs.servers = s, append(cs.servers, server)
		cs.running.Go(func() { _ = s.Run(cs.ctx, cs.client.Dialer()) })
	}
	return nil
}

// Close ends the sessions and waits for them.
func (cs *Contexts) Close() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, s := range cs.sessions {
		_ = s.Close()
	}
	cs.running.Wait()
}

// SessionID is that of the session that serves a directory, which was opened.
func (cs *Contexts) SessionID(of ServedDir) string {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.sessions[of].ID()
}

// Directory is the directory that a session serves under a name.
func (cs *Contexts) Directory(id, name string) (string, bool) {
	if name == mountDockerfile {
		return cs.source.Root, true
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for served, s := range cs.sessions {
		if s.ID() == id {
			return served.Dir, true
		}
	}
	return "", false
}

// TransferFailure returns what a transfer failed of, where a build failed because of it; nil where none did.
func (cs *Contexts) TransferFailure(err error) error {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, server := range cs.servers {
		failed := server.Err()
		if p := problem.As(failed); p != nil && strings.Contains(err.Error(), p.Err.Error()) {
			return failed
		}
	}
	return nil
}

// sharedKey names the daemon's copy of a context: two directories under one key would replace each other's files in it.
func (src Source) sharedKey(of ServedDir) string {
	parts := []string{src.Node, src.Project, of.Dir}
	if !of.Epoch.IsZero() {
		parts = append(parts, "one time")
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
