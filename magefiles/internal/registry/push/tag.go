package push

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/answer"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
)

// takenTag is a tag that names other content than the image to push.
type takenTag struct {
	target *target
	found  ocispec.Descriptor
}

// checkTags resolves every tag: with the same digest, or another that is as good, it is done, else the whole push is refused.
func (p *operation) checkTags(ctx context.Context) error { return p.checkTargets(ctx, p.targets) }

// checkPending looks again at what was missing, just before the tags are put: an upload takes minutes, in which another
// run may have put them, and registries offer no compare-and-swap.
func (p *operation) checkPending(ctx context.Context) error {
	return p.checkTargets(ctx, p.missingTargets())
}

func (p *operation) checkTargets(ctx context.Context, targets []*target) error {
	var mu sync.Mutex
	var others []takenTag
	err := p.forEach(ctx, targets, "looking up", func(ctx context.Context, t *target) error {
		found, err := p.client.Resolve(ctx, t.Ref)
		if errdefs.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		ok, err := p.acceptsTag(ctx, t, found)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if ok {
			t.existed, t.done = true, time.Since(p.started)
		} else {
			others = append(others, takenTag{target: t, found: found})
		}
		return nil
	})
	if err != nil || len(others) == 0 {
		return err
	}
	return p.refuseTags(ctx, others)
}

// acceptsTag reports whether a tag is done that names an image. Another image that is as good takes the target's place: a tag
// never moves, and builds that are not reproducible give a new digest each time.
func (p *operation) acceptsTag(ctx context.Context, t *target, found ocispec.Descriptor) (bool, error) {
	if found.Digest == t.Descriptor.Digest || t.Same == nil || t.Own {
		return found.Digest == t.Descriptor.Digest, nil
	}
	origin, err := inspect.ReadOrigin(ctx, p.client, t.Ref, found)
	if err != nil {
		return false, err
	}
	same, err := t.Same(origin)
	if err != nil || !same {
		return false, err
	}
	p.addNotice(t,
		fmt.Sprintf("%s stays %s, which was built from the same sources; %s was not needed", t.Ref, found.Digest, t.Descriptor.Digest))
	t.Descriptor, t.other = found, true
	return true, nil
}

// refuseTags names each tag in the way, with both digests and both source commits.
func (p *operation) refuseTags(ctx context.Context, others []takenTag) error {
	lines := make([]string, 0, len(others))
	for _, t := range p.targets {
		for _, m := range others {
			if m.target == t {
				lines = append(lines, p.describeConflict(ctx, m))
			}
		}
	}
	return problem.New(problem.Refused, remedyOf(others), "pushing images: %d of %d tags name other content, and %s\n%s",
		len(others), len(p.targets), reasonOf(others), strings.Join(lines, "\n"))
}

// reasonOf says why tags that are taken stay as they are.
func reasonOf(others []takenTag) string {
	if slices.ContainsFunc(others, func(m takenTag) bool { return m.target.Own }) {
		return "no run deploys another's image for the one that it has built"
	}
	return "a tag never moves: what runs under it would change without a commit"
}

// remedyOf says how to go on where tags are taken. What a run has built itself is not given up for what came meanwhile.
func remedyOf(others []takenTag) string {
	for _, m := range others {
		if m.target.Own {
			return "see which run has put these tags meanwhile\n" +
				"to deploy what is there, as far as it is made of the same: run the same command again\n" +
				"if no such run is known, find out who pushed it; to get new tags: make a new commit (git commit --allow-empty)"
		}
	}
	return "to deploy what is there: mage bump\n" +
		"to get new tags: make a new commit (git commit --allow-empty)"
}

func (p *operation) describeConflict(ctx context.Context, m takenTag) string {
	theirs, err := inspect.ReadOrigin(ctx, p.client, m.target.Ref, m.found)
	if err != nil {
		theirs = inspect.Origin{} // the refusal stands without it
	}
	from := commitText(theirs.Revision)
	if theirs.Conflict != "" {
		from = "an image that contradicts itself: " + theirs.Conflict
	}
	return fmt.Sprintf("  %s\n    in the registry %s from %s\n    to be pushed    %s from %s",
		m.target.Ref, m.found.Digest, from, m.target.Descriptor.Digest, commitText(m.target.Revision))
}

func commitText(revision commitid.ID) string {
	if revision == "" {
		return "an unknown commit"
	}
	return "commit " + answer.Printable(string(revision), 64)
}

// readAll gets the root of each missing tag and makes sure that it is the one to put.
func (p *operation) readAll(ctx context.Context) error {
	return p.forEach(ctx, p.missingTargets(), "reading the manifest of", func(ctx context.Context, t *target) (err error) {
		if t.Manifest == nil {
			if t.Manifest, err = p.read(ctx, t); err != nil {
				return err
			}
		}
		if actual := t.Descriptor.Digest.Algorithm().FromBytes(t.Manifest); actual != t.Descriptor.Digest {
			return problem.New(problem.Failed, "build it again: mage build", "reading the manifest of %q: it is %s and not %s", t.Ref,
				actual, t.Descriptor.Digest)
		}
		return nil
	})
}

// tagAll puts the root of each missing tag on it; all content is in the registry by now.
func (p *operation) tagAll(ctx context.Context) error {
	return p.forEach(ctx, p.missingTargets(), "tagging", func(ctx context.Context, t *target) error {
		return p.client.PutManifest(ctx, t.Ref, t.Descriptor, t.Manifest)
	})
}

// verifyAll resolves every tag again, unless none had to be put.
func (p *operation) verifyAll(ctx context.Context) error {
	if len(p.missingTargets()) == 0 {
		return nil
	}
	return p.forEach(ctx, p.targets, "verifying", func(ctx context.Context, t *target) error {
		found, err := p.awaitTag(ctx, t)
		switch {
		case errors.Is(err, protocol.ErrLost) && found.Digest != "":
			return p.refuseTags(ctx, []takenTag{{target: t, found: found}})
		case errors.Is(err, protocol.ErrLost):
			remedy := "run `mage push` again; if it happens again, the registry loses data: tell its operators"
			return problem.New(problem.Failed, remedy, "verifying %q: %w: wanted %s, found nothing", t.Ref, protocol.ErrLost,
				t.Descriptor.Digest)
		}
		if err == nil && !t.existed {
			t.done = time.Since(p.started)
		}
		return err
	})
}

// awaitTag resolves a tag until it names the target's image, or another that is as good: of two pushes of one commit at once the
// later one has put that, and both agree on it. Registries with several replicas may need a moment, so a wrong answer is asked
// for again like any failure that may pass.
func (p *operation) awaitTag(ctx context.Context, t *target) (found ocispec.Descriptor, err error) {
	err = p.client.Retry(ctx, func(ctx context.Context) error {
		found, err = p.client.ResolveOnce(ctx, t.Ref)
		if errdefs.IsNotFound(err) {
			found = ocispec.Descriptor{}
			return protocol.ErrLost
		}
		if err != nil {
			return err
		}
		same, err := p.acceptsTag(ctx, t, found)
		if err == nil && !same {
			return protocol.ErrLost
		}
		if t.other {
			t.existed, t.done = true, time.Since(p.started)
		}
		return err
	})
	return found, err
}
