package repo

import (
	"context"
	"fmt"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// BranchRead is the result of a survey for one deployment.
type BranchRead struct {
	Snapshot *Snapshot // nil where Err says why
	Holding  []Commit  // latest commits that changed the file of holds, newest first
	Err      error
}

// ReadAll reads several deployments of one branch, such as those of all environments, in one round trip; through REST it
// takes a Read for each. Each of them has an error of its own: what one of them lacks says nothing of the others. They all
// have the repository, the branch and the API of the first.
func (s *Store) ReadAll(ctx context.Context, ds []plan.Deployment) []BranchRead {
	ctx, cancel := s.deadline.Limit(ctx)
	defer cancel()
	found := s.backendOf(ds[0]).readAll(ctx, ds)
	for i := range found {
		if found[i].Err != nil {
			found[i] = BranchRead{Err: s.deadline.Explain(ctx, ds[i], found[i].Err)}
		}
	}
	return found
}

// readAll asks for every file once. A file of holds is asked for as any other one, for the sake of its history.
func (g *graphqlBackend) readAll(ctx context.Context, ds []plan.Deployment) []BranchRead {
	began := g.clock.Now()
	all := unionOf(ds)
	repository, err := g.queryBranch(ctx, all)
	found := make([]BranchRead, len(ds))
	for i, d := range ds {
		if found[i].Err = err; err == nil {
			found[i] = g.surveyOne(ctx, repository, all, d)
		}
		if found[i].Snapshot != nil {
			found[i].Snapshot.ReadAt = began
		}
	}
	return found
}

// unionOf has all files of deployments, each once, and their files of holds among them.
func unionOf(ds []plan.Deployment) plan.Deployment {
	all := plan.Deployment{Repository: ds[0].Repository, Branch: ds[0].Branch, API: ds[0].API}
	for _, d := range ds {
		for _, path := range pathsToRead(d) {
			if fileNumber(all, path) < 0 {
				all.Files = append(all.Files, plan.File{Path: path})
			}
		}
	}
	return all
}

// fileNumber is the number of a file.
func fileNumber(d plan.Deployment, path string) int {
	return slices.IndexFunc(d.Files, func(f plan.File) bool { return f.Path == path })
}

// surveyOne takes one deployment out of the answer for all.
func (g *graphqlBackend) surveyOne(ctx context.Context, repository *repositoryAnswer, all, d plan.Deployment) (s BranchRead) {
	if s.Snapshot, s.Err = repository.snapshot(d, g.clock.Now()); s.Err != nil {
		return s
	}
	target := repository.Ref.Target
	for _, f := range d.Files {
		if s.Err = g.addFile(ctx, s.Snapshot, target, fileNumber(all, f.Path), f.Path); s.Err != nil {
			return s
		}
	}
	if d.Hold == "" {
		return s
	}
	number := fileNumber(all, d.Hold)
	var history historyAnswer
	if history, s.Err = decodeField[historyAnswer](target, fmt.Sprintf("history%d", number)); s.Err != nil {
		return s
	}
	s.Holding = holdChanges(history.commits())
	s.Err = g.readHolds(ctx, s.Snapshot, target, func(_ int, path string) string { return fmt.Sprintf("file%d", fileNumber(all, path)) })
	return s
}

func (r *restBackend) readAll(ctx context.Context, ds []plan.Deployment) []BranchRead {
	found := make([]BranchRead, len(ds))
	for i, d := range ds {
		s := &found[i]
		if s.Snapshot, s.Err = r.read(ctx, d); s.Err != nil || d.Hold == "" {
			continue
		}
		history, err := r.fileHistory(ctx, s.Snapshot, d.Hold)
		if err != nil {
			s.Err = diagnosis.Explain(err, d, fmt.Sprintf("reading the history of %q of", d.Hold))
		}
		s.Holding = holdChanges(history.commits())
	}
	return found
}

func (h historyAnswer) commits() []Commit {
	all := make([]Commit, len(h.Nodes))
	for i, n := range h.Nodes {
		all[i] = n.commit()
	}
	return all
}
