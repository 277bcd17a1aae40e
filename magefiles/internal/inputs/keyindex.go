package inputs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
)

// KeyIndex finds images of a registry by what they are made of. A tag is believed only where its image says the same.
type KeyIndex struct{ client *registry.Client }

// NewKeyIndex returns the index of the registries that a client reaches.
func NewKeyIndex(client *registry.Client) KeyIndex { return KeyIndex{client: client} }

// Find looks for an image in a repository. why says why there is none, where the registry has answered.
func (index KeyIndex) Find(ctx context.Context, repository imageref.Repository, in Inputs) (found inspect.Found, why string, err error) {
	switch {
	case in.Key != "":
		return index.byKey(ctx, repository, in.Key)
	case in.PrepareKey != "":
		return index.byPrepareKey(ctx, repository, in.PrepareKey)
	}
	return inspect.Found{}, in.Why, nil
}

func (index KeyIndex) byKey(ctx context.Context, repository imageref.Repository, key string) (inspect.Found, string, error) {
	found, why, err := index.lookup(ctx, repository.Tagged(plan.KeyTag(key)))
	if err == nil && why == "" && found.Origin.Key != key {
		why = "the image under the tag of its key has another one"
	}
	return found, why, err
}

// Require is byKey for an image that was there a moment ago.
func (index KeyIndex) Require(ctx context.Context, image plan.Image, key string) (inspect.Found, error) {
	found, why, err := index.byKey(ctx, image.Repository, key)
	if err == nil && why != "" {
		err = problem.New(problem.Failed, problem.Again,
			"finding %s by what it is made of: the registry had it, and now %s", image.Ref(), why)
	}
	return found, err
}

// byPrepareKey goes on to the newest image of the key that `prepare` gave from the same: a rebuild moves that tag alone.
func (index KeyIndex) byPrepareKey(ctx context.Context, repository imageref.Repository, key string) (inspect.Found, string, error) {
	found, why, err := index.lookup(ctx, repository.Tagged(plan.PrepareKeyTag(key)))
	switch {
	case err != nil:
		return found, "", err
	case found.Origin.Conflict != "":
		return found, why, nil
	case why != "":
		return found, "no published image was prepared from the same; one that `prepare` makes the same again is not built", nil
	case !isPreparedFrom(found.Origin, key) || found.Origin.Key == "":
		return found, "the image under the tag of its sources was prepared from others", nil
	}
	newest, lacks, err := index.byKey(ctx, repository, found.Origin.Key)
	if err != nil || lacks == "" {
		return newest, "", err
	}
	return found, "", nil
}

func (index KeyIndex) lookup(ctx context.Context, ref imageref.Reference) (inspect.Found, string, error) {
	found, err := index.client.LookupNewest(ctx, ref)
	if errors.Is(err, registry.ErrNotFound) {
		return inspect.Found{}, "no published image has these inputs", nil
	}
	if err == nil && found.Origin.Conflict != "" {
		return found, "the image under the tag of its key contradicts itself: " + found.Origin.Conflict, nil
	}
	return found, "", err
}

// isPreparedFrom reports whether an image was prepared from what a key names, or a run has recorded that it could have been.
func isPreparedFrom(origin inspect.Origin, key string) bool {
	return origin.PrepareKey == key || origin.Recorded == key
}

// CommitKey returns the key that stands for what a commit has for a component, as a run of it has found out: computing it again
// takes `prepare` or a
// daemon in some cases, and results in something else once a base image has moved.
func CommitKey(commit git.Commit, name component.Name) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "commit %s %s\n", commit.SHA, name))
	return hex.EncodeToString(sum[:])
}

// isRecorded reports whether a run of the commit has recorded that an image of this origin is the component's.
func (index KeyIndex) isRecorded(ctx context.Context, image plan.Image, commit git.Commit, origin inspect.Origin) (bool, error) {
	key := CommitKey(commit, image.Component)
	found, why, err := index.lookup(ctx, image.Repository.Tagged(plan.PrepareKeyTag(key)))
	if err != nil || why != "" || found.Origin.Recorded != key || found.Origin.Key != origin.Key {
		return false, err
	}
	return origin.Key != "" || found.Origin.Revision == commit.SHA && origin.Revision == commit.SHA, nil
}

// Existing returns buildkit.Options.Existing: it finds images of which a daemon tells the key only when it is asked to build them.
func (index KeyIndex) Existing() func(context.Context, plan.Image, identity.Fingerprint) (bool, error) {
	return func(ctx context.Context, image plan.Image, f identity.Fingerprint) (bool, error) {
		_, why, err := index.byKey(ctx, image.Repository, f.Key)
		return err == nil && why == "", err
	}
}
