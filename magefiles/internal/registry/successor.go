package registry

import (
	"context"
	"errors"
	"strconv"

	"github.com/containerd/errdefs"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
)

// A registry may forbid that a tag moves. There a tag that is to name another image gets a successor: `name-2`, then `name-3`
// and so on. What the last one names counts, also where a registry lets tags move again.

// maxSuccessors bounds how many successors are looked at, so that a registry which has every tag ends no run.
const maxSuccessors = 100

// errSuccessors is why a tag that cannot move gets no further successor.
var errSuccessors = errors.New("the tag has too many successors: remove them from the registry")

// successor is a tag of such a row, or the one to begin it with.
type successor struct {
	base   ref
	number int                // from 1, the tag itself
	found  ocispec.Descriptor // what it names; without a digest the registry lacks it
}

func (s successor) ref() ref {
	r := s.base
	if s.number > 1 {
		r.tag += "-" + strconv.Itoa(s.number)
	}
	return r
}

// LookupNewest is Lookup of what the last tag of a row names, see Image.Aliases: a GET, and beside it a HEAD of a successor.
func (c *Client) LookupNewest(ctx context.Context, reference string) (Found, error) {
	r, err := parseImage(reference)
	if err != nil {
		return Found{}, err
	}
	var first Found
	var last successor
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		first, err = c.Lookup(inner, reference)
		return err
	})
	group.Go(func() (err error) {
		last, err = c.successorsOf(inner, successor{base: r, number: 1})
		return c.explain(inner, "looking up", r, err)
	})
	if err := group.Wait(); err != nil {
		return Found{}, err
	}
	if last.number == 1 {
		return first, nil
	}
	return c.Lookup(ctx, last.ref().String())
}

// lastSuccessor finds the last tag of a row, a HEAD for each and one more.
func (c *Client) lastSuccessor(ctx context.Context, base ref) (successor, error) {
	first := successor{base: base, number: 1}
	found, err := c.resolve(ctx, base)
	if errdefs.IsNotFound(err) {
		return first, nil
	}
	if err != nil {
		return first, err
	}
	first.found = found
	return c.successorsOf(ctx, first)
}

// successorsOf goes on from a tag that is there.
func (c *Client) successorsOf(ctx context.Context, last successor) (successor, error) {
	for last.number < maxSuccessors {
		next := successor{base: last.base, number: last.number + 1}
		found, err := c.resolve(ctx, next.ref())
		if errdefs.IsNotFound(err) {
			return last, nil
		}
		if err != nil {
			return last, err
		}
		next.found = found
		last = next
	}
	return last, errSuccessors
}

// putSuccessor has a row end with an image: its last tag moves, or gets a successor where the registry refuses that.
func (c *Client) putSuccessor(ctx context.Context, last successor, desc ocispec.Descriptor, content []byte) error {
	err := c.putManifest(ctx, last.ref(), desc, content)
	for next := last; err != nil && last.found.Digest != "" && ctx.Err() == nil; {
		if next.number++; next.number > maxSuccessors {
			return errSuccessors
		}
		found, lookupErr := c.resolve(ctx, next.ref())
		switch {
		case lookupErr == nil && found.Digest == desc.Digest:
			return nil
		case lookupErr == nil: // another run was faster
			continue
		case !errdefs.IsNotFound(lookupErr):
			return err
		}
		if c.putManifest(ctx, next.ref(), desc, content) == nil {
			return nil
		}
		if _, lookupErr = c.resolve(ctx, next.ref()); lookupErr != nil {
			return err // it is not that tags cannot move
		}
	}
	return err
}
