package build

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

// contexts serves the files of build contexts to one daemon: one session per directory, whatever the number of components
// that build from it. BuildKit then sees the same source in each of them and transfers it once; with a session for each
// build it walks and compares the whole directory for every component.
type contexts struct {
	ctx     context.Context // of the sessions, which outlive the builds that open them
	client  *client.Client
	source  contextSource
	running sync.WaitGroup

	mu       sync.Mutex
	sessions map[served]*session.Session
	servers  []*worktree.Server
}

// served is what one session serves.
type served struct {
	dir   string    // absolute
	epoch time.Time // of all files, see worktree.Tree.WithTime; zero: each has its own time
}

// contextSource is where the files come from.
type contextSource struct {
	files   *worktree.Tree
	root    string // repository root; Dockerfiles are named relative to it
	node    string // id of this machine, see sharedKey
	project string // owner/name of the repository
}

// openContexts serves files until Close. Failures of a session reach the build that uses it.
func openContexts(ctx context.Context, c *client.Client, src contextSource) *contexts {
	return &contexts{ctx: ctx, client: c, source: src, sessions: map[served]*session.Session{}}
}

// open starts serving directories as far as they are not served yet.
func (cs *contexts) open(all []served) error {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, wanted := range all {
		if cs.sessions[wanted] != nil {
			continue
		}
		s, err := session.NewSession(cs.ctx, cs.source.sharedKey(wanted))
		if err != nil {
			return fmt.Errorf("opening build context %q: %w", wanted.dir, err)
		}
		files := cs.source.files
		if !wanted.epoch.IsZero() {
			files = files.WithTime(wanted.epoch)
		}
		server := files.Server(map[string]string{worktree.AnyName: wanted.dir, mountDockerfile: cs.source.root})
		s.Allow(server)
		cs.sessions[wanted], cs.servers = s, append(cs.servers, server)
		cs.running.Go(func() { _ = s.Run(cs.ctx, cs.client.Dialer()) })
	}
	return nil
}

// Close ends the sessions and waits for them.
func (cs *contexts) Close() {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, s := range cs.sessions {
		_ = s.Close()
	}
	cs.running.Wait()
}

// id is that of the session that serves a directory, which was opened.
func (cs *contexts) id(of served) string {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.sessions[of].ID()
}

// directory is the directory that a session serves under a name.
func (cs *contexts) directory(id, name string) (string, bool) {
	if name == mountDockerfile {
		return cs.source.root, true
	}
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for served, s := range cs.sessions {
		if s.ID() == id {
			return served.dir, true
		}
	}
	return "", false
}

// failure returns what a transfer failed of, where a build failed because of it; nil where none did.
func (cs *contexts) failure(err error) error {
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
func (src contextSource) sharedKey(of served) string {
	parts := []string{src.node, src.project, of.dir}
	if !of.epoch.IsZero() {
		parts = append(parts, "one time")
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
