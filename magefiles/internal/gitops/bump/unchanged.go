package bump

import (
	"context"
	"fmt"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/excerpt"
)

// keepsUnchanged reports whether the bump leaves components alone whose image is the deployed one.
func (b Bump) keepsUnchanged() bool {
	return b.Deployment.KeepsUnchanged() && b.Rollback == nil && b.DigestOf != nil
}

// keepUnchanged leaves out of a draft the components whose image is the deployed one, where astrago.yaml wants that; the draft has a
// record of each instead. A rollback names what it wants, and keeps nothing.
func (b Bump) keepUnchanged(ctx context.Context, all *edit.Draft) (*edit.Draft, error) {
	if !b.keepsUnchanged() || !all.Snapshot.HoldsAreReadable() || len(all.Changes) == 0 {
		return all, nil
	}
	var records []hold.Kept
	for _, image := range b.Images {
		tag := onlyNameChanges(all, image)
		if tag == "" || image.Digest == "" || !mayBeImage(all.Snapshot, image, tag) {
			continue
		}
		deployed, err := b.DigestOf(ctx, image, tag)
		if err != nil {
			return nil, fmt.Errorf("asking for the image of %s that is deployed as %s: %w", image.Component, tag, err)
		}
		if deployed == image.Digest {
			records = append(records, hold.Kept{Component: image.Component, Tag: tag, Digest: deployed, Source: b.SHA(image.Component)})
		}
	}
	if records = dropShared(all, records); len(records) == 0 {
		return all, nil
	}
	rest, err := edit.New(all.Snapshot, withoutKept(b.Deployment, records))
	if err != nil {
		return nil, err
	}
	rest.Kept, rest.AsIfSet = records, all
	return rest, nil
}

// onlyNameChanges returns the tag that all values of a component have which are to name the image, where nothing but the image's
// name differs from what is to be set, in these values and in the component's others; else "".
func onlyNameChanges(d *edit.Draft, image Image) string {
	deployed := ""
	for _, a := range d.Assigned {
		switch {
		case a.Edit.Component != image.Component, !a.Names(a.After) && a.Before == a.After:
			continue
		case !a.Names(a.After):
			return ""
		}
		change := a.Change()
		if !isRenamed(a, change) {
			return ""
		}
		tag, digest := excerpt.SplitName(change.Old.Name())
		now, pinned := excerpt.SplitName(change.New.Name())
		if pinned != digest || pinned != "" && pinned != image.Digest.String() {
			return ""
		}
		if now == "" { // the digest alone: another value has the tag
			continue
		}
		if tag == "" || tag == now || deployed != "" && deployed != tag {
			return ""
		}
		deployed = tag
	}
	return deployed
}

// isRenamed reports whether a value changes in nothing but the name of an image.
func isRenamed(a edit.Assignment, change edit.Change) bool {
	head, tail, known := excerpt.Around(a.Before, change.Old.Name())
	return known && change.Old.Name() != "" && head+change.New.Name()+tail == a.After
}

// mayBeImage reports whether nothing that was recorded of a component's tag says that it was deployed with another image.
func mayBeImage(s *repo.Snapshot, image Image, tag string) bool {
	if k, ok := s.KeptAs(image.Component, tag); ok && k.Digest != image.Digest {
		return false
	}
	for _, commit := range s.History {
		_, digest := commit.Trailers().Image(image.Component)
		if digest != "" && slices.Contains(commit.Changes()[image.Component], tag) {
			return digest == image.Digest
		}
	}
	return true
}

// dropShared leaves out the records of components of which another one, that is to be set, sets a value, too.
func dropShared(d *edit.Draft, records []hold.Kept) []hold.Kept {
	for {
		isKept := func(name component.Name) bool {
			return slices.ContainsFunc(records, func(k hold.Kept) bool { return k.Component == name })
		}
		touched := map[string]bool{}
		for _, a := range d.Assigned {
			if !isKept(a.Edit.Component) {
				touched[a.File+"\x00"+a.Key()] = true
			}
		}
		left := slices.DeleteFunc(slices.Clone(records), func(k hold.Kept) bool {
			return slices.ContainsFunc(d.Assigned, func(a edit.Assignment) bool {
				return a.Edit.Component == k.Component && touched[a.File+"\x00"+a.Key()]
			})
		})
		if len(left) == len(records) {
			return left
		}
		records = left
	}
}

// withoutKept is a deployment that sets nothing of kept components; what they share with others stays known.
func withoutKept(d plan.Deployment, records []hold.Kept) plan.Deployment {
	d.Files = slices.Clone(d.Files)
	for i, f := range d.Files {
		isKept := func(e plan.Edit) bool {
			return slices.ContainsFunc(records, func(k hold.Kept) bool { return k.Component == e.Component })
		}
		kept := slices.DeleteFunc(slices.Clone(f.Edits), func(e plan.Edit) bool { return !isKept(e) })
		d.Files[i].Others = slices.Concat(f.Others, kept)
		d.Files[i].Edits = slices.DeleteFunc(slices.Clone(f.Edits), isKept)
	}
	return d
}
