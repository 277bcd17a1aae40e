package release

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/prepare"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// treeType is the media type of what an image is made of, as identity.Tree.Encode gives it.
const treeType = "application/vnd.xiilab.astrago-ci.tree.v1"

// explained bounds how many commits are looked back for a published image, and how many changed files are named.
const (
	explainedCommits = 50
	explainedFiles   = 3
)

func treeTag(repository, key string) string { return repository + ":" + plan.KeyTag(key) + "-tree" }

// keepTrees stores what images are made of beside them, for -explain. A failure costs a later explanation only.
func (s *session) keepTrees(ctx context.Context, images []plan.Image) error {
	all, err := s.keysOf().of(ctx, images)
	if err != nil {
		return err
	}
	group := new(errgroup.Group)
	group.SetLimit(lookups)
	for _, image := range images {
		m := all[image.Component]
		if m.Key == "" {
			continue
		}
		group.Go(func() error {
			data, err := m.Tree.Encode()
			if err == nil {
				err = s.registry().PutDocument(ctx, treeTag(image.Repository, m.Key), treeType, data)
			}
			if err != nil && ctx.Err() == nil {
				s.console.Note("notice: " + image.Component + ": `mage plan -explain` will not tell what changes next: " + brief(err))
			}
			return nil
		})
	}
	return errors.Join(group.Wait(), context.Cause(ctx))
}

// explain adds to what is to be built what has changed since the image that was published last.
func (s *session) explain(ctx context.Context, actions []plan.Action) error {
	commits, err := source.Ancestors(ctx, s.plan.Commit.Root, explainedCommits)
	if err != nil {
		return err
	}
	all, err := s.keysOf().of(ctx, s.plan.Images)
	if err != nil {
		return err
	}
	group := new(errgroup.Group)
	group.SetLimit(lookups)
	for i, image := range s.plan.Images {
		if actions[i].Do != plan.DoBuild {
			continue
		}
		group.Go(func() error {
			actions[i].Since, actions[i].Changes = s.changes(ctx, image, all[image.Component], commits)
			return nil
		})
	}
	return errors.Join(group.Wait(), context.Cause(ctx))
}

// changes returns the commit of the image that was published last, and what has changed since; without a commit, why that is
// not known.
func (s *session) changes(ctx context.Context, image plan.Image, m made, commits []string) (since string, changes []string) {
	since, published, err := s.publishedLast(ctx, image, commits)
	switch {
	case err != nil:
		return "", []string{"looking for the image before: " + brief(err)}
	case since == "":
		return "", []string{"no image of the " + count(len(commits), "commit") + " before is published"}
	}
	switch before, err := s.keptTree(ctx, image.Repository, published.Origin.Key); {
	case len(s.plan.Prepare.Run) > 0:
		return since, s.preparedFrom(ctx, since)
	case m.Key == "":
		return since, []string{m.why}
	case err != nil:
		return since, []string{"what that image is made of is not known: " + brief(err)}
	default:
		changes = identity.Explain(before, m.Tree)
	}
	if len(changes) == 0 {
		changes = []string{"nothing that it is made of"}
	}
	return since, changes
}

// publishedLast finds the newest commit before this one that has an image, which may have been built for an older one.
func (s *session) publishedLast(ctx context.Context, image plan.Image, commits []string) (commit string, found inspect.Found, err error) {
	for _, commit := range commits {
		tag, err := plan.TagOf(s.config, s.plan.Environment, image.Component, commit)
		if err != nil {
			return "", inspect.Found{}, err
		}
		found, err := s.registry().Lookup(ctx, image.Repository+":"+tag)
		if err == nil || !errors.Is(err, registry.ErrNotFound) {
			return commit, found, err
		}
	}
	return "", inspect.Found{}, nil
}

func (s *session) keptTree(ctx context.Context, repository, key string) (identity.Tree, error) {
	if key == "" {
		return identity.Tree{}, errors.New("an earlier version of astrago-ci has built it")
	}
	data, err := s.registry().Document(ctx, treeTag(repository, key), treeType)
	if err != nil {
		return identity.Tree{}, err
	}
	return identity.Decode(data)
}

// preparedFrom names the tracked files that `prepare` may read and that have changed: what it makes of them is only known once it has
// run.
func (s *session) preparedFrom(ctx context.Context, commit string) []string {
	files, err := source.ChangedSince(ctx, s.plan.Commit.Root, commit)
	if err == nil {
		files, err = prepare.Counted(s.config.Prepare.Ignore, files)
	}
	if err != nil {
		return []string{"what `prepare` reads is not known of then: " + brief(err)}
	}
	if len(files) == 0 {
		return []string{"no tracked file; what git ignores, a base image or a variable of prepare.env did"}
	}
	text := strings.Join(files[:min(len(files), explainedFiles)], ", ")
	if more := len(files) - explainedFiles; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return []string{fmt.Sprintf("`prepare` may read %s that changed: %s", count(len(files), "file"), text)}
}
