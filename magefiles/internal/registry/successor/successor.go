// Package successor finds and puts the tags that stand for one that cannot move.
//
// A registry may forbid that a tag moves. There a tag that is to name another image gets a successor: `name-2`, then `name-3`
// and so on. What the last one names counts, also where a registry lets tags move again.
package successor

import (
	"context"
	"errors"
	"strconv"

	"github.com/containerd/errdefs"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
)

// maxSuccessors bounds how many successors are looked at, so that a registry which has every tag ends no run.
const maxSuccessors = 100

// errSuccessors is the reason why a tag that cannot move gets no further successor.
var errSuccessors = errors.New("the tag has too many successors: remove them from the registry")

// Tag is one of such a row, or the one to begin it with.
type Tag struct {
	Number int                // from 1, the tag itself
	Found  ocispec.Descriptor // what it names; without a digest the registry lacks it
	base   imageref.Reference
}

// First is the tag that a row begins with, before it is looked up.
func First(base imageref.Reference) Tag { return Tag{base: base, Number: 1} }

// Reference returns the tag's own name.
func (t Tag) Reference() imageref.Reference {
	r := t.base
	if t.Number > 1 {
		r.Tag += "-" + strconv.Itoa(t.Number)
	}
	return r
}

// Last finds the last tag of a row, a HEAD for each and one more.
func Last(ctx context.Context, c *protocol.Client, base imageref.Reference) (Tag, error) {
	first := First(base)
	found, err := c.Resolve(ctx, base)
	if errdefs.IsNotFound(err) {
		return first, nil
	}
	if err != nil {
		return first, err
	}
	first.Found = found
	return After(ctx, c, first)
}

// After finds the last tag of a row from one on that is there, which may be that one.
func After(ctx context.Context, c *protocol.Client, last Tag) (Tag, error) {
	for last.Number < maxSuccessors {
		next := Tag{base: last.base, Number: last.Number + 1}
		found, err := c.Resolve(ctx, next.Reference())
		if errdefs.IsNotFound(err) {
			return last, nil
		}
		if err != nil {
			return last, err
		}
		next.Found = found
		last = next
	}
	return last, errSuccessors
}

// Put has a row end with an image: its last tag moves, or gets a successor where the registry refuses that.
func Put(ctx context.Context, c *protocol.Client, last Tag, desc ocispec.Descriptor, content []byte) error {
	err := c.PutManifest(ctx, last.Reference(), desc, content)
	for next := last; err != nil && last.Found.Digest != "" && ctx.Err() == nil; {
		if next.Number++; next.Number > maxSuccessors {
			return errSuccessors
		}
		found, lookupErr := c.Resolve(ctx, next.Reference())
		switch {
		case lookupErr == nil && found.Digest == desc.Digest:
			return nil
		case lookupErr == nil: // another run was faster
			continue
		case !errdefs.IsNotFound(lookupErr):
			return err
		}
		if c.PutManifest(ctx, next.Reference(), desc, content) == nil {
			return nil
		}
		if _, lookupErr = c.Resolve(ctx, next.Reference()); lookupErr != nil {
			return err // it is not that tags cannot move
		}
	}
	return err
}
