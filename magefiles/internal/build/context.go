package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/session"
	"github.com/tonistiigi/fsutil"
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
	sessions map[string]*session.Session // by absolute context directory
}

// contextSource is where the files come from.
type contextSource struct {
	root    string   // repository root; Dockerfiles are named relative to it
	hidden  []string // absolute paths that no build may see: what builds write
	node    string   // id of this machine, see sharedKey
	project string   // owner/name of the repository
	meter   *meter   // counts what is listed; nil: nothing does
}

// openContexts serves files until Close. Failures of a session reach the build that uses it.
func openContexts(ctx context.Context, c *client.Client, src contextSource) *contexts {
	return &contexts{ctx: ctx, client: c, source: src, sessions: map[string]*session.Session{}}
}

// open starts serving dirs (absolute) as far as they are not served yet.
func (cs *contexts) open(dirs []string) error {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for _, dir := range dirs {
		if cs.sessions[dir] != nil {
			continue
		}
		s, err := cs.source.session(cs.ctx, dir)
		if err != nil {
			return err
		}
		cs.sessions[dir] = s
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

// id is that of the session that serves dir, which was opened.
func (cs *contexts) id(dir string) string {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	return cs.sessions[dir].ID()
}

func (src contextSource) session(ctx context.Context, dir string) (*session.Session, error) {
	files, err := src.files(dir)
	if err != nil {
		return nil, fmt.Errorf("opening build context %q: %w", dir, err)
	}
	dockerfiles, err := src.files(src.root)
	if err != nil {
		return nil, fmt.Errorf("opening repository %q: %w", src.root, err)
	}
	s, err := session.NewSession(ctx, src.sharedKey(dir))
	if err != nil {
		return nil, fmt.Errorf("opening build context %q: %w", dir, err)
	}
	s.Allow(src.meter.serve(dir, served{context: files, dockerfiles: dockerfiles}))
	return s, nil
}

// served is one directory under every name that builds have for it, and the root with the Dockerfiles.
type served struct{ context, dockerfiles fsutil.FS }

// LookupDir implements filesync.DirSource.
func (s served) LookupDir(name string) (fsutil.FS, bool) {
	if name == mountDockerfile {
		return s.dockerfiles, true
	}
	return s.context, true
}

// sharedKey names the daemon's copy of a context. BuildKit compares the copy with the directory by size, mode and
// modification time only, so two directories under one key would get each other's files where these are equal.
// For the same reason modification times are sent as they are.
func (src contextSource) sharedKey(dir string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{src.node, src.project, dir}, "\x00")))
	return hex.EncodeToString(sum[:])
}
