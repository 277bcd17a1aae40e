package repo

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// linkMode is git's mode of a symbolic link, as REST writes it.
const linkMode = "120000"

// read takes three round trips, whatever the number of files: the branch, its commit, and everything at that commit; the
// tree follows the commit. It takes a fourth where the tree has a hold.
func (r *restBackend) read(ctx context.Context, d plan.Deployment) (*Snapshot, error) {
	snapshot, err := r.findHead(ctx, d)
	if err != nil {
		return nil, err
	}
	files := make([]restFile, len(d.Files))
	var wait sync.WaitGroup
	for i, f := range d.Files {
		wait.Go(func() {
			files[i].data, files[i].dataErr = r.client.File(ctx, snapshot.Repository, f.Path, snapshot.Head)
		})
		wait.Go(func() { files[i].history, files[i].historyErr = r.fileHistory(ctx, snapshot, f.Path) })
	}
	snapshot.tree, err = r.readTree(ctx, snapshot.Repository, snapshot.Head, pathsToRead(d))
	wait.Wait()
	if err != nil {
		return nil, diagnosis.Explain(err, d, "reading")
	}
	for i, f := range d.Files {
		if err := snapshot.addFile(f.Path, files[i]); err != nil {
			return nil, err
		}
	}
	return snapshot, r.readHolds(ctx, snapshot)
}

// readHolds reads the files of holds that the tree has.
func (r *restBackend) readHolds(ctx context.Context, s *Snapshot) error {
	for _, path := range s.ReadPaths() {
		if s.tree.entries[path] == nil {
			continue
		}
		var file restFile
		file.data, file.dataErr = r.client.File(ctx, s.Repository, path, s.Head)
		if err := s.checkFile(path, file); err != nil {
			return err
		}
		s.addHolds(path, file.data)
	}
	return nil
}

// restFile holds the answers about a file besides its entry in the tree.
type restFile struct {
	data       []byte
	dataErr    error
	history    historyAnswer
	historyErr error
}

// findHead finds the repository and the head of its branch.
func (r *restBackend) findHead(ctx context.Context, d plan.Deployment) (*Snapshot, error) {
	began := r.clock.Now()
	owner, name := github.SplitRepository(d.Repository)
	var (
		repository    *gogithub.Repository
		repositoryErr error
		wait          sync.WaitGroup
	)
	wait.Go(func() {
		found, res, err := r.client.REST().Repositories.Get(ctx, owner, name)
		repository, repositoryErr = found, r.client.Refusal(res, err)
	})
	ref, res, err := r.client.REST().Git.GetRef(ctx, owner, name, "heads/"+d.Branch)
	refErr := r.client.Refusal(res, err)
	wait.Wait()
	switch {
	case github.HasStatus(repositoryErr, http.StatusNotFound):
		return nil, diagnosis.NoRepository(d, r.client.Identity())
	case repositoryErr != nil:
		return nil, diagnosis.Explain(repositoryErr, d, "reading")
	case github.HasStatus(refErr, http.StatusNotFound, http.StatusConflict): // 409: the repository is empty
		return nil, diagnosis.NoBranch(d)
	case refErr != nil:
		return nil, diagnosis.Explain(refErr, d, "reading")
	}
	return &Snapshot{
		Repository: cmp.Or(repository.GetFullName(), d.Repository),
		Branch:     d.Branch,
		Head:       commitid.ID(ref.GetObject().GetSHA()),
		Permission: r.roleOf(repository.GetPermissions()),
		Files:      make(map[string][]byte, len(d.Files)),
		configured: d.Repository,
		nodeID:     repository.GetNodeID(),
		ReadAt:     began,
		Book:       hold.Book{HoldPath: d.Hold, FormerPaths: d.FormerHolds, NeighbourPaths: neighbourHolds(d)},
	}, nil
}

// roleOf is GraphQL's name for the highest of a repository's permissions. An App has none, whatever is said of it.
func (r *restBackend) roleOf(permissions map[string]bool) string {
	if r.client.Identity().App {
		return ""
	}
	for _, p := range []struct{ rest, graphql string }{
		{"admin", "ADMIN"}, {"maintain", "MAINTAIN"}, {"push", "WRITE"}, {"triage", "TRIAGE"}, {"pull", "READ"},
	} {
		if permissions[p.rest] {
			return p.graphql
		}
	}
	return ""
}

// fileHistory is a file's latest commits, in the shape that GraphQL has for them.
func (r *restBackend) fileHistory(ctx context.Context, s *Snapshot, path string) (historyAnswer, error) {
	history, _, err := r.listCommits(ctx, s, path, gogithub.ListOptions{PerPage: HistoryDepth})
	return history, err
}

// listCommits returns one page of a file's commits and the number of the next one, 0 after the last.
func (r *restBackend) listCommits(ctx context.Context, s *Snapshot, path string, page gogithub.ListOptions) (historyAnswer, int, error) {
	owner, name := github.SplitRepository(s.Repository)
	commits, res, err := r.client.REST().Repositories.ListCommits(ctx, owner, name, &gogithub.CommitsListOptions{
		SHA: string(s.Head), Path: path, ListOptions: page,
	})
	if err != nil {
		return historyAnswer{}, 0, r.client.Refusal(res, err)
	}
	var history historyAnswer
	for _, c := range commits {
		node := nodeAnswer{
			OID: commitid.ID(c.GetSHA()), URL: c.GetHTMLURL(), CommittedDate: c.GetCommit().GetCommitter().GetDate().Time,
			Message: c.GetCommit().GetMessage(),
		}
		node.Author.Name = c.GetCommit().GetAuthor().GetName()
		history.Nodes = append(history.Nodes, node)
	}
	return history, res.NextPage, nil
}

// addFile takes over a file that is one.
func (s *Snapshot) addFile(path string, file restFile) error {
	if err := s.checkFile(path, file); err != nil {
		return err
	}
	s.Files[path] = file.data
	s.addHistory(file.history)
	return nil
}

// checkFile refuses what is no file. The tree says what it is; its bytes are proven by the id that the tree has.
func (s *Snapshot) checkFile(path string, file restFile) error {
	d := s.Deployment()
	entry := s.tree.entries[path]
	switch kind := entry.GetType(); {
	case entry == nil:
		return noFile(s, path)
	case kind != "blob":
		return notAFile(s, path, kindName(kind))
	case entry.GetMode() == linkMode:
		return notAFile(s, path, "a symbolic link")
	case file.dataErr != nil:
		return diagnosis.Explain(file.dataErr, d, fmt.Sprintf("reading %q of", path))
	case file.historyErr != nil:
		return diagnosis.Explain(file.historyErr, d, fmt.Sprintf("reading the history of %q of", path))
	case !isBlob(file.data, entry.GetSHA()):
		return notTheBlob(s, path, len(file.data), entry.GetSHA())
	}
	return nil
}

// pathsToRead are all that is to be read of the tree.
func pathsToRead(d plan.Deployment) []string {
	all := make([]string, 0, len(d.Files)+1)
	for _, f := range d.Files {
		all = append(all, f.Path)
	}
	return append(all, holdPathsOf(d)...)
}

// holdPathsOf are those of the files that hold the service, or held it under another name, here and in environments beside.
func holdPathsOf(d plan.Deployment) []string {
	if d.Hold == "" {
		return nil
	}
	return slices.Concat([]string{d.Hold}, d.FormerHolds, neighbourHolds(d))
}

// neighbourHolds are those of the files that hold the service in environments beside.
func neighbourHolds(d plan.Deployment) []string {
	var all []string
	for _, n := range d.Neighbours {
		all = append(all, n.Holds...)
	}
	return all
}
