package deployment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// symlinkMode is git's mode of a symbolic link, whose blob is a path and not YAML.
const symlinkMode = 0o120000

func (g *graphql) read(ctx context.Context, d plan.Deployment) (*Snapshot, error) {
	began := g.clock.Now()
	repository, err := g.ask(ctx, d)
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
	return snapshot, g.holds(ctx, snapshot, repository.Ref.Target, holdEntry)
}

// ask gives a repository that has the branch.
func (g *graphql) ask(ctx context.Context, d plan.Deployment) (*repositoryAnswer, error) {
	document, variables := readQuery(d)
	var answer readAnswer
	if err := g.query(ctx, document, variables, &answer); err != nil && !onlyMissing(err) {
		return nil, diagnose(err, d, "reading")
	}
	switch {
	case answer.Repository == nil:
		return nil, noRepository(d)
	case answer.Repository.Ref == nil:
		return nil, noBranch(d)
	}
	return answer.Repository, nil
}

// snapshot is the branch's head before any file of it is read.
func (r *repositoryAnswer) snapshot(d plan.Deployment, began time.Time) (*Snapshot, error) {
	head, err := field[string](r.Ref.Target, "oid")
	if err != nil {
		return nil, err
	}
	return &Snapshot{
		Repository: r.NameWithOwner,
		Branch:     d.Branch,
		Head:       head,
		Permission: r.ViewerPermission,
		Files:      make(map[string][]byte, len(d.Files)),
		asked:      d.Repository,
		nodeID:     r.ID,
		readAt:     began,
		holdPath:   d.Hold,
		formers:    d.FormerHolds,
	}, nil
}

// addFile takes over the file and the history that the query asked for as the i-th.
func (g *graphql) addFile(ctx context.Context, s *Snapshot, target targetAnswer, i int, path string) error {
	entry, err := field[*entryAnswer](target, fmt.Sprintf("file%d", i))
	if err != nil {
		return err
	}
	if s.Files[path], err = g.file(ctx, s, entry, path); err != nil {
		return err
	}
	history, err := field[historyAnswer](target, fmt.Sprintf("history%d", i))
	if err != nil {
		return err
	}
	s.addHistory(history)
	return nil
}

// holds reads the files of holds, which mostly do not exist. entryOf names the answer's field for the i-th.
func (g *graphql) holds(ctx context.Context, s *Snapshot, target targetAnswer, entryOf func(i int, path string) string) error {
	for i, path := range s.holdPaths() {
		entry, err := field[*entryAnswer](target, entryOf(i, path))
		if err != nil {
			return err
		}
		if entry == nil {
			continue
		}
		data, err := g.file(ctx, s, entry, path)
		if err != nil {
			return err
		}
		s.addHolds(path, data)
	}
	return nil
}

// holdEntry is the field of readQuery for the i-th file of holds.
func holdEntry(i int, _ string) string { return fmt.Sprintf("hold%d", i) }

// onlyMissing reports whether every error says that something does not exist: then the nulls of the partial answer tell
// more exactly what is missing.
func onlyMissing(err error) bool {
	list, ok := errors.AsType[graphqlErrors](err)
	return ok && !slices.ContainsFunc(list, func(e graphqlError) bool { return e.Type != "NOT_FOUND" })
}

// file gives the exact bytes of the file of an entry. What GraphQL sends is text: it is null for what is not UTF-8, cut at
// 512,000 bytes, and nothing promises that it is not normalised. So only the blob's id decides whether it is the file.
func (g *graphql) file(ctx context.Context, s *Snapshot, entry *entryAnswer, path string) ([]byte, error) {
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
	data, err := g.raw(ctx, s.Repository, path, s.Head)
	if err != nil {
		return nil, diagnose(err, plan.Deployment{Repository: s.Repository, Branch: s.Branch}, fmt.Sprintf("reading %q of", path))
	}
	if !isBlob(data, blob.OID) {
		return nil, notTheBlob(s, path, len(data), blob.OID)
	}
	return data, nil
}
