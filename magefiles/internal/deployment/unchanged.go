package deployment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/values"
)

// keeps reports whether the bump leaves components alone whose image is the deployed one.
func (b Bump) keeps() bool {
	return b.Deployment.KeepsUnchanged() && b.Rollback == nil && b.DigestOf != nil
}

// Draft computes what the bump changes on a snapshot, as far as the digests of its images are known.
func (b Bump) Draft(ctx context.Context, s *Snapshot) (*Draft, error) {
	draft, err := b.pinned().draft(ctx, s)
	if err != nil {
		return nil, err
	}
	if draft.subject, err = b.subject(draft, verdict{}); err != nil { // here it costs no build
		return nil, err
	}
	return draft, nil
}

// keep leaves out of a draft the components whose image is the deployed one, where astrago.yaml wants that; the draft has a record
// of each instead. A rollback names what it wants, and keeps nothing.
func (b Bump) keep(ctx context.Context, all *Draft) (*Draft, error) {
	if !b.keeps() || !all.Snapshot.readsHolds() || len(all.Changes) == 0 {
		return all, nil
	}
	var records []Kept
	for _, image := range b.Images {
		tag := all.onlyNameChanges(image)
		if tag == "" || image.Digest == "" || !all.Snapshot.mayBe(image, tag) {
			continue
		}
		digest, err := b.DigestOf(ctx, image, tag)
		if err != nil {
			return nil, fmt.Errorf("asking for the image of %s that is deployed as %s: %w", image.Component, tag, err)
		}
		if digest == image.Digest {
			records = append(records, Kept{Component: image.Component, Tag: tag, Digest: digest, Source: b.sha(image.Component)})
		}
	}
	if records = all.unshared(records); len(records) == 0 {
		return all, nil
	}
	rest, err := all.Snapshot.Edit(without(b.Deployment, records))
	if err != nil {
		return nil, err
	}
	rest.kept, rest.all = records, all
	return rest, nil
}

// onlyNameChanges returns the tag that all values of a component have which are to name the image, where nothing but the image's
// name differs from what is to be set, in these values and in the component's others; else "".
func (d *Draft) onlyNameChanges(image Image) string {
	deployed := ""
	for _, a := range d.assigned {
		switch {
		case a.edit.Component != image.Component, !a.names(a.after) && a.before == a.after:
			continue
		case !a.names(a.after):
			return ""
		}
		change := a.change()
		if change.Old.Name() == "" || strings.Replace(a.before, change.Old.Name(), change.New.Name(), 1) != a.after {
			return ""
		}
		tag, digest := values.SplitName(change.Old.Name())
		now, pinned := values.SplitName(change.New.Name())
		if pinned != digest || pinned != "" && pinned != image.Digest {
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

// mayBe reports whether nothing that was recorded of a component's tag says that it was deployed with another image.
func (s *Snapshot) mayBe(image Image, tag string) bool {
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

// unshared leaves out the records of components of which another one, that is to be set, sets a value, too.
func (d *Draft) unshared(records []Kept) []Kept {
	for {
		isKept := func(component string) bool {
			return slices.ContainsFunc(records, func(k Kept) bool { return k.Component == component })
		}
		touched := map[string]bool{}
		for _, a := range d.assigned {
			if !isKept(a.edit.Component) {
				touched[a.file+"\x00"+a.key()] = true
			}
		}
		left := slices.DeleteFunc(slices.Clone(records), func(k Kept) bool {
			return slices.ContainsFunc(d.assigned, func(a assignment) bool {
				return a.edit.Component == k.Component && touched[a.file+"\x00"+a.key()]
			})
		})
		if len(left) == len(records) {
			return left
		}
		records = left
	}
}

// without is a deployment that sets nothing of kept components; what they share with others stays known.
func without(d plan.Deployment, records []Kept) plan.Deployment {
	d.Files = slices.Clone(d.Files)
	for i, f := range d.Files {
		isKept := func(e plan.Edit) bool {
			return slices.ContainsFunc(records, func(k Kept) bool { return k.Component == e.Component })
		}
		kept := slices.DeleteFunc(slices.Clone(f.Edits), func(e plan.Edit) bool { return !isKept(e) })
		d.Files[i].Others = slices.Concat(f.Others, kept)
		d.Files[i].Edits = slices.DeleteFunc(slices.Clone(f.Edits), isKept)
	}
	return d
}

// whole is the draft as if every component were set: by it the order of builds is judged.
func (d *Draft) whole() *Draft {
	if d.all != nil {
		return d.all
	}
	return d
}

// Kept are the components whose values are left alone, as their image is the deployed one, with the tags that they have.
func (d *Draft) Kept() []Kept { return d.kept }

// keeps reports whether a component's values are left alone.
func (d *Draft) keeps(component string) bool {
	return slices.ContainsFunc(d.kept, func(k Kept) bool { return k.Component == component })
}
