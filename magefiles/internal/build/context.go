package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/filesync"
	"github.com/tonistiigi/fsutil"
	fstypes "github.com/tonistiigi/fsutil/types"
)

// Names of the directories that the Dockerfile frontend asks for.
const (
	mountContext    = "context"
	mountDockerfile = "dockerfile"
)

// contexts serves the files of build contexts: one session per directory, whatever the number of components that
// build from it. BuildKit then sees the same source in each of them and transfers it once; with a session for each
// build it walks and compares the whole directory for every component.
type contexts struct {
	sessions map[string]*session.Session // by absolute context directory
	running  sync.WaitGroup
}

// contextSource is where the files come from.
type contextSource struct {
	root    string   // repository root; Dockerfiles are named relative to it
	hidden  []string // absolute paths that no build may see: what builds write
	node    string   // id of this machine, see sharedKey
	project string   // owner/name of the repository
}

// openContexts starts serving dirs (absolute) until Close. Failures of a session reach the build that uses it.
func openContexts(ctx context.Context, c *client.Client, src contextSource, dirs []string) (*contexts, error) {
	cs := &contexts{sessions: map[string]*session.Session{}}
	for _, dir := range dirs {
		if cs.sessions[dir] != nil {
			continue
		}
		s, err := src.session(ctx, dir)
		if err != nil {
			cs.Close()
			return nil, err
		}
		cs.sessions[dir] = s
		cs.running.Go(func() { _ = s.Run(ctx, c.Dialer()) })
	}
	return cs, nil
}

// Close ends the sessions and waits for them.
func (cs *contexts) Close() {
	for _, s := range cs.sessions {
		_ = s.Close()
	}
	cs.running.Wait()
}

// attrs are the frontend attributes that point a build at the session of dir.
func (cs *contexts) attrs(dir string) map[string]string {
	id := cs.sessions[dir].ID()
	return map[string]string{"local-sessionid:" + mountContext: id, "local-sessionid:" + mountDockerfile: id}
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
	s.Allow(filesync.NewFSSyncProvider(filesync.StaticDirSource{mountContext: files, mountDockerfile: dockerfiles}))
	return s, nil
}

// sharedKey names the daemon's copy of a context. BuildKit compares the copy with the directory by size, mode and
// modification time only, so two directories under one key would get each other's files where these are equal.
// For the same reason modification times are sent as they are.
func (src contextSource) sharedKey(dir string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{src.node, src.project, dir}, "\x00")))
	return hex.EncodeToString(sum[:])
}

// files serves dir without owners, which differ between machines, and without what is hidden.
func (src contextSource) files(dir string) (fsutil.FS, error) {
	files, err := fsutil.NewFS(dir)
	if err != nil {
		return nil, err
	}
	var hidden []string
	for _, path := range src.hidden {
		rel, err := filepath.Rel(dir, path)
		if err == nil && filepath.IsLocal(rel) && rel != "." {
			hidden = append(hidden, escapePattern(filepath.ToSlash(rel)))
		}
	}
	filter := filtered(func() (fsutil.FS, error) {
		return fsutil.NewFilterFS(files, &fsutil.FilterOpt{ExcludePatterns: hidden, Map: rootOwned})
	})
	_, err = filter() // a pattern that is none must show here
	return filter, err
}

// filtered makes its filter anew for each call: a filter compiles its patterns when it first meets them, without a lock,
// and several builds walk one directory at once.
type filtered func() (fsutil.FS, error)

// Walk implements fsutil.FS.
func (f filtered) Walk(ctx context.Context, target string, visit fs.WalkDirFunc) error {
	files, err := f()
	if err != nil {
		return err
	}
	return files.Walk(ctx, target, visit)
}

// Open implements fsutil.FS.
func (f filtered) Open(path string) (io.ReadCloser, error) {
	files, err := f()
	if err != nil {
		return nil, err
	}
	return files.Open(path)
}

func rootOwned(_ string, st *fstypes.Stat) fsutil.MapResult {
	st.Uid, st.Gid = 0, 0
	return fsutil.MapResultKeep
}

// escapePattern makes a .dockerignore pattern that matches path only.
func escapePattern(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// hiddenPaths are the outputs of builds: in a context they would change it with every build.
func hiddenPaths(layout, logs string) []string {
	hidden := []string{layout, logs}
	ignore := filepath.Join(filepath.Dir(layout), ".gitignore")
	if data, err := os.ReadFile(ignore); err == nil && string(data) == ignoreEverything {
		hidden = append(hidden, ignore)
	}
	return hidden
}
