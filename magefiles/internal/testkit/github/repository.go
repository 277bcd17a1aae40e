package github

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// repository is one repository of the server: git on disk, and what GitHub knows beside git.
type repository struct {
	id      int
	owner   string
	name    string
	branch  string // default branch
	created time.Time
	git     *bare.Repository

	mu         sync.Mutex
	protection map[string]Protection     // by branch
	wording    map[string]*regexp.Regexp // of commit messages, by branch
	statuses   map[string][]status       // by commit, newest first
	pulls      []*pull                   // the one with number n at n-1
	merging    Merging
	deployed   []deployed // oldest first
	releases   []release  // oldest first
}

// nodeID is the id that GraphQL takes.
func (r *repository) nodeID() string { return fmt.Sprintf("R_%d", r.id) }

// path is owner/name.
func (r *repository) path() string { return r.owner + "/" + r.name }

// CreateRepository makes a private repository (owner/name) with one commit of the given files, by slash-separated path,
// on its default branch, and gives its directory, which git clone accepts. Without files it has no commit.
func (s *Server) CreateRepository(ctx context.Context, name, branch string, files map[string][]byte) (dir string, err error) {
	owner, short, ok := strings.Cut(name, "/")
	if !ok || owner == "" || short == "" || strings.Contains(short, "/") || strings.Contains(name, "..") {
		return "", fmt.Errorf("creating repository: %q is not owner/name", name)
	}
	dir = filepath.Join(s.options.Dir, owner, short+".git")
	git, err := bare.Init(ctx, dir, branch)
	if err != nil {
		return "", err
	}
	if err := addRepository(s, owner, short, branch, git); err != nil {
		return "", errors.Join(err, git.Close())
	}
	if len(files) > 0 {
		_, err = s.Commit(ctx, name, branch, "Initial commit", files)
	}
	return dir, err
}

// OpenRepository serves a repository that an earlier server with the same Options.Dir has created.
func (s *Server) OpenRepository(name, branch string) (dir string, err error) {
	owner, short, _ := strings.Cut(name, "/")
	dir = filepath.Join(s.options.Dir, owner, short+".git")
	git, err := bare.Open(dir)
	if err != nil {
		return "", err
	}
	return dir, addRepository(s, owner, short, branch, git)
}

func addRepository(s *Server, owner, name, branch string, git *bare.Repository) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := strings.ToLower(owner + "/" + name)
	if _, exists := s.repositories[key]; exists {
		return fmt.Errorf("creating repository: %q exists", owner+"/"+name)
	}
	s.repositories[key] = &repository{
		owner: owner, name: name, branch: branch, created: s.options.Now(), git: git,
		protection: map[string]Protection{}, wording: map[string]*regexp.Regexp{}, statuses: map[string][]status{},
		id: len(s.repositories) + 1,
	}
	return nil
}

// find returns a repository by owner/name, in any case of letters.
func (s *Server) find(name string) (*repository, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.repositories[strings.ToLower(name)]
	return r, ok
}

// Head returns the commit that a branch points to.
func (s *Server) Head(repository, branch string) (string, error) {
	r, ok := s.find(repository)
	if !ok {
		return "", fmt.Errorf("reading head: no repository %q", repository)
	}
	return r.git.Resolve("refs/heads/" + branch)
}

// File returns a file's bytes at a revision: a branch, a commit id, anything git understands.
func (s *Server) File(repository, revision, path string) ([]byte, error) {
	r, ok := s.find(repository)
	if !ok {
		return nil, fmt.Errorf("reading %q: no repository %q", path, repository)
	}
	o, err := r.git.Object(revision + ":" + path)
	return o.Data, err
}

// Commit writes to a branch as another person with git push would: past every protection and interceptor, on top of
// whatever the head is. A nil content deletes the file. A branch that does not exist begins without a parent.
func (s *Server) Commit(ctx context.Context, repository, branch, message string, files map[string][]byte) (string, error) {
	r, ok := s.find(repository)
	if !ok {
		return "", fmt.Errorf("committing: no repository %q", repository)
	}
	var sha string
	var err error
	for range patience {
		if sha, err = pushCommit(ctx, s, r, branch, message, files); !errors.Is(err, bare.ErrStale) {
			return sha, err
		}
	}
	return "", err
}

func pushCommit(ctx context.Context, s *Server, r *repository, branch, message string, files map[string][]byte) (string, error) {
	head, err := r.git.Resolve("refs/heads/" + branch)
	var parents []string
	switch {
	case err == nil:
		parents = []string{head}
	case errors.Is(err, bare.ErrMissing):
		head = bare.Zero
	default:
		return "", err
	}
	var changes []bare.Change
	for _, path := range slices.Sorted(maps.Keys(files)) {
		change := bare.Change{Path: path}
		if files[path] != nil {
			if change, err = r.put(ctx, head, path, files[path]); err != nil {
				return "", err
			}
		}
		changes = append(changes, change)
	}
	tree, err := r.git.WriteTree(ctx, strings.Join(parents, ""), changes)
	if err != nil {
		return "", err
	}
	who := bare.Person{Name: "Somebody Else", Email: "somebody@example.com", When: s.options.Now()}
	sha, err := r.git.WriteCommit(ctx, bare.Commit{Tree: tree, Parents: parents, Author: who, Committer: who, Message: message})
	if err != nil {
		return "", err
	}
	return sha, r.git.Move(ctx, "refs/heads/"+branch, head, sha)
}

// put stores a file's bytes and gives the change that sets them, with the mode that the file has at a commit already.
func (r *repository) put(ctx context.Context, commit, path string, data []byte) (bare.Change, error) {
	oid, err := r.git.WriteBlob(ctx, data)
	if err != nil {
		return bare.Change{}, err
	}
	mode := bare.FileMode
	if old, err := r.git.Lookup(commit, path); err == nil && old.Mode == bare.ExecutableMode {
		mode = old.Mode
	}
	return bare.Change{Mode: mode, Path: path, OID: oid}, nil
}
