package repo

import (
	"context"
	"fmt"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// symlinkMode is git's mode of a symbolic link, whose blob is a path and not YAML.
const symlinkMode = 0o120000

func (g *graphqlBackend) read(ctx context.Context, d plan.Deployment) (*Snapshot, error) {
	began := g.clock.Now()
	repository, err := g.queryBranch(ctx, d)
	if err != nil {
		return nil, err
	}
	snapshot, err := repository.snapshot(d, began)
	if err != nil {
		return nil, err
	}
	for i, f := range d.Files {
		if err := g.addFile(ctx, snapshot, repository.Ref.Target, i, f.Path); err != nil {
			return nil, err
		}
	}
	return snapshot, g.readHolds(ctx, snapshot, repository.Ref.Target, holdEntry)
}

// queryBranch returns a repository that has the branch.
func (g *graphqlBackend) queryBranch(ctx context.Context, d plan.Deployment) (*repositoryAnswer, error) {
	document, variables := readQuery(d)
	var answer readAnswer
	if err := g.client.Query(ctx, document, variables, &answer); err != nil && !github.OnlyMissing(err) {
		return nil, diagnosis.Explain(err, d, "reading")
	}
	switch {
	case answer.Repository == nil:
		return nil, diagnosis.NoRepository(d, g.client.Identity())
	case answer.Repository.Ref == nil:
		return nil, diagnosis.NoBranch(d)
	}
	if g.client.Identity().App {
		answer.Repository.ViewerPermission = "" // whatever is said of an App, its permissions are not a role
	}
	return answer.Repository, nil
}

// snapshot is the branch's head before any file of it is read.
func (r *repositoryAnswer) snapshot(d plan.Deployment, began time.Time) (*Snapshot, error) {
	head, err := decodeField[commitid.ID](r.Ref.Target, "oid")
	if err != nil {
		return nil, err
	}
	return &Snapshot{
		Repository: r.NameWithOwner,
		Branch:     d.Branch,
		Head:       head,
		Permission: r.ViewerPermission,
		Files:      make(map[string][]byte, len(d.Files)),
		configured: d.Repository,
		nodeID:     r.ID,
		ReadAt:     began,
		Book:       hold.Book{HoldPath: d.Hold, FormerPaths: d.FormerHolds, NeighbourPaths: neighbourHolds(d)},
	}, nil
}

// addFile takes over the file and the history that the query asked for as the i-th.
func (g *graphqlBackend) addFile(ctx context.Context, s *Snapshot, target targetAnswer, i int, path string) error {
	entry, err := decodeField[*entryAnswer](target, fmt.Sprintf("file%d", i))
	if err != nil {
		return err
	}
	if s.Files[path], err = g.readBlob(ctx, s, entry, path); err != nil {
		return err
	}
	history, err := decodeField[historyAnswer](target, fmt.Sprintf("history%d", i))
	if err != nil {
		return err
	}
	s.addHistory(history)
	return nil
}

// readHolds reads the files of holds, which mostly do not exist. entryOf names the answer's field for the i-th.
func (g *graphqlBackend) readHolds(ctx context.Context, s *Snapshot, target targetAnswer, entryOf func(i int, path string) string) error {
	for i, path := range s.ReadPaths() {
		entry, err := decodeField[*entryAnswer](target, entryOf(i, path))
		if err != nil {
			return err
		}
		if entry == nil {
			continue
		}
		data, err := g.readBlob(ctx, s, entry, path)
		if err != nil {
			return err
		}
		s.addHolds(path, data)
	}
	return nil
}

// holdEntry is the field of readQuery for the i-th file of holds.
func holdEntry(i int, _ string) string { return fmt.Sprintf("hold%d", i) }

// readBlob returns the exact bytes of the file of an entry. What GraphQL sends is text: it is null for what is not UTF-8, cut at
// 512,000 bytes, and nothing promises that it is not normalised. So only the blob's id decides whether it is the file.
func (g *graphqlBackend) readBlob(ctx context.Context, s *Snapshot, entry *entryAnswer, path string) ([]byte, error) {
	switch {
	case entry == nil:
		return nil, noFile(s, path)
	case entry.Type != "blob" || entry.Object == nil:
		return nil, notAFile(s, path, kindName(entry.Type))
	case entry.Mode == symlinkMode:
		return nil, notAFile(s, path, "a symbolic link")
	}
	blob := entry.Object
	if blob.Text != nil && isBlob([]byte(*blob.Text), blob.OID) {
		return []byte(*blob.Text), nil
	}
	data, err := g.client.File(ctx, s.Repository, path, s.Head)
	if err != nil {
		return nil, diagnosis.Explain(err, s.Deployment(), fmt.Sprintf("reading %q of", path))
	}
	if !isBlob(data, blob.OID) {
		return nil, notTheBlob(s, path, len(data), blob.OID)
	}
	return data, nil
}
