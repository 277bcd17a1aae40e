package push

import (
	"context"
	"fmt"

	"github.com/containerd/containerd/v2/core/remotes/docker"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/successor"
)

// alias is a further tag for a target's root.
type alias struct {
	ref   imageref.Reference
	owner *target
}

// addAliases notes the further tags of a target. Of several images that want the same one, the first gets it. An alias may
// move, and a target's own tag never does, so that it is no alias of another.
func (p *operation) addAliases(t *target) error {
	for _, tag := range t.Aliases {
		if !imageref.IsTag(tag) {
			return problem.New(problem.Usage, "an alias is a tag alone", "pushing %q: %q is not a tag", t.Ref, tag)
		}
		r := t.Ref.Tagged(tag)
		if p.names[r] {
			continue
		}
		p.names[r] = true
		p.aliases = append(p.aliases, alias{ref: r, owner: t})
	}
	return nil
}

// aliasAll puts the further tags. They only help a later release to find the images, which are in the
// registry under their own tags by now: a failure is a notice, and only the end of the context an error.
func (p *operation) aliasAll(ctx context.Context) error {
	return parallel.Each(ctx, p.parallel, p.aliases, func(ctx context.Context, _ int, a alias) error {
		if a.owner.other { // its own push has named it
			return nil
		}
		err := p.putAlias(docker.WithScope(ctx, a.ref.PushScope()), a)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			p.addNotice(a.owner, fmt.Sprintf("the tag %s was not put, a later release builds this image again: %v",
				a.ref.Tag, p.explainer.Explain(ctx, "tagging", a.ref, err)))
		}
		return nil
	})
}

// putAlias moves a tag that names another image to one that has just got its own tag: it was built although that image was
// there, or because that image is a wrong one. One that had its tag before may be older than what the alias names.
func (p *operation) putAlias(ctx context.Context, a alias) error {
	last, err := successor.Last(ctx, p.client, a.ref)
	if err != nil {
		return err
	}
	if last.Found.Digest == a.owner.Descriptor.Digest || last.Found.Digest != "" && a.owner.existed {
		return nil
	}
	content := a.owner.Manifest
	if content == nil {
		if content, err = p.read(ctx, a.owner); err != nil {
			return err
		}
	}
	return successor.Put(ctx, p.client, last, a.owner.Descriptor, content)
}

func (p *operation) addNotice(t *target, text string) {
	p.noticing.Lock()
	defer p.noticing.Unlock()
	t.notices = append(t.notices, text)
}
