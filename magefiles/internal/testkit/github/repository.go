package github

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// Repository is one repository of the server: git on disk, and what GitHub knows beside git.
type Repository struct {
	ID      int
	Owner   string
	Name    string
	Branch  string // default branch
	Created time.Time
	Git     *bare.Repository

	sync.Mutex                           // guards what follows
	protection map[string]Protection     // by branch
	wording    map[string]*regexp.Regexp // of commit messages, by branch
	Statuses   map[string][]Status       // by commit, newest first
	Pulls      []*Pull                   // the one with number n at n-1
	merging    Merging
	Deployed   []Deployed // oldest first
	Releases   []Release  // oldest first
	Uploads    int        // files of releases so far
}

// NodeID is the id that GraphQL takes.
func (r *Repository) NodeID() string { return fmt.Sprintf("R_%d", r.ID) }

// Path is owner/name.
func (r *Repository) Path() string { return r.Owner + "/" + r.Name }

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
	s.repositories[key] = &Repository{
		Owner: owner, Name: name, Branch: branch, Created: s.options.Now(), Git: git,
		protection: map[string]Protection{}, wording: map[string]*regexp.Regexp{}, Statuses: map[string][]Status{},
		ID: len(s.repositories) + 1,
	}
	return nil
}

// find returns a repository by owner/name, in any case of letters.
func (s *Server) find(name string) (*Repository, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.repositories[strings.ToLower(name)]
	return r, ok
}

// nameOf returns owner/name of the repository that GraphQL knows by an id, empty where there is none.
func (s *Server) nameOf(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, r := range s.repositories {
		if r.NodeID() == id {
			return name
		}
	}
	return ""
}

// Head returns the commit that a branch points to.
func (s *Server) Head(repository, branch string) (string, error) {
	r, ok := s.find(repository)
	if !ok {
		return "", fmt.Errorf("reading head: no repository %q", repository)
	}
	return r.Git.Resolve("refs/heads/" + branch)
}

// File returns a file's bytes at a revision: a branch, a commit id, anything git understands.
func (s *Server) File(repository, revision, path string) ([]byte, error) {
	r, ok := s.find(repository)
	if !ok {
		return nil, fmt.Errorf("reading %q: no repository %q", path, repository)
	}
	o, err := r.Git.Object(revision + ":" + path)
	return o.Data, err
}
