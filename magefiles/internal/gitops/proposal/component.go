package proposal

import (
	"context"
	"fmt"
	"slices"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// proposedComponent is the open pull request's change of a component that a bump leaves out.
type proposedComponent struct {
	file      int // of the deployment
	edit      plan.Edit
	image     bump.Image
	unusable  string // why it cannot be proposed again; "" where it can
	component component.Name
	deployed  string // tag that the base has; "" where that is not known
}

// proposedBeside finds what the open pull request proposes of components that the bump leaves out.
func proposedBeside(ctx context.Context, b bump.Bump, base *repo.Snapshot, p *pendingBranch) ([]proposedComponent, error) {
	if p.pull == nil || p.snapshot == nil {
		return nil, nil
	}
	last := lastProposed(b, base, p)
	trailers, changes := last.Trailers(), last.Changes()
	var found []proposedComponent
	for i, f := range b.Deployment.Files {
		for _, other := range f.Others {
			repository, digest := trailers.Image(other.Component)
			if digest == "" || hold.IsHeld(p.snapshot.Holds, other.Component) && !hold.IsHeld(base.Holds, other.Component) {
				continue // what a person holds there is judged as that
			}
			if last.SHA != "" && len(changes[other.Component]) == 0 {
				continue // it was on the base as well: where that has another value now, the pull request would not bring it back
			}
			o, differs := proposedOf(b, base, p, f, other, repository, digest)
			if !differs {
				continue
			}
			if _, o.image.SHA, _ = trailers.SourceOf(other.Component); o.image.SHA == "" && o.unusable == "" {
				o.unusable = "nothing tells the commit of its image"
			}
			o.file = i
			if isOvertaken(ctx, b, base, o) {
				p.notices = append(p.notices, fmt.Sprintf("%s: pull request #%d proposes %s, but a newer build is deployed, which stays",
					o.component, p.pull.GetNumber(), o.image.Ref))
				continue
			}
			if err := checkStillThere(ctx, b, &o); err != nil {
				return nil, err
			}
			found = append(found, o)
		}
	}
	return found, nil
}

// lastProposed is the bump that left the branch as it is. Where that is out of view behind a merge of the base, it is a commit without an
// id that has the text of the pull request, whose trailers are the same; the zero commit where nothing tells.
func lastProposed(b bump.Bump, base *repo.Snapshot, p *pendingBranch) repo.Commit {
	for _, commit := range p.snapshot.History {
		if slices.ContainsFunc(base.History, func(c repo.Commit) bool { return c.SHA == commit.SHA }) {
			continue
		}
		if isOwnCommit(b, commit.Message) {
			return commit
		}
	}
	if body := p.pull.GetBody(); isOwnCommit(b, body) {
		return repo.Commit{Message: body}
	}
	return repo.Commit{}
}

// proposedOf compares the values of one component that is left out, by the edit of a probe.
func proposedOf(
	b bump.Bump, base *repo.Snapshot, p *pendingBranch, f plan.File, other plan.Edit, repository string, recorded digest.Digest,
) (proposedComponent, bool) {
	probe := plan.Deployment{
		Repository: b.Deployment.Repository, Branch: b.Deployment.Branch,
		Files: []plan.File{{Path: f.Path, Create: f.Create, Shared: f.Shared, Edits: []plan.Edit{other}}},
	}
	o := proposedComponent{component: other.Component, unusable: "its values do not tell the image"}
	now, err := edit.Named(p.snapshot, probe)
	named := now[other.Component]
	if err != nil {
		return o, true
	}
	before, err := edit.Named(base, probe)
	if err == nil && before[other.Component] == named {
		return o, false
	}
	o.deployed = before[other.Component].Tag
	source, err := imageref.ParseRepository(repository)
	o.image = bump.Image{Component: other.Component, Ref: source.Tagged(named.Tag), Digest: recorded}
	if err != nil || named.Digest != "" && named.Digest != recorded {
		return o, true
	}
	var ok bool
	if o.edit, ok = other.Of(o.image.Ref, recorded); !ok {
		o.unusable = "`set` asks for more than its tag and its digest"
		return o, true
	}
	o.unusable = ""
	return o, true
}

// isOvertaken reports whether the base has got a newer build than the proposed one, without the pull request.
func isOvertaken(ctx context.Context, b bump.Bump, base *repo.Snapshot, o proposedComponent) bool {
	deployed := edit.CommitInTag(o.deployed)
	if kept, ok := base.KeptAs(o.component, o.deployed); ok {
		deployed = kept.Source
	}
	if b.Ancestry == nil || deployed == "" || o.image.SHA == "" {
		return false
	}
	comparison, err := b.Ancestry.Compare(ctx, deployed, o.image.SHA)
	return err == nil && comparison.Relation == git.Behind
}

// checkStillThere asks the registry for an image that is to be proposed again.
func checkStillThere(ctx context.Context, b bump.Bump, o *proposedComponent) error {
	if b.DigestOf == nil || o.unusable != "" {
		return nil
	}
	found, err := b.DigestOf(ctx, o.image, o.image.Ref.Tag)
	if err != nil {
		return fmt.Errorf("asking for the image of %s that is proposed: %w", o.component, err)
	}
	if found != o.image.Digest {
		o.unusable = "the registry no longer has its image under that tag"
	}
	return nil
}
