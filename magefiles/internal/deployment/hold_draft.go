package deployment

import (
	"bytes"
	"context"
	"maps"
	"slices"
)

// draft computes what a bump changes on a snapshot: the values, and the holds that it puts or ends by request.
func (b Bump) draft(ctx context.Context, s *Snapshot) (*Draft, error) {
	draft, err := s.Edit(b.Deployment)
	if err == nil {
		draft, err = b.keep(ctx, draft)
	}
	if err != nil {
		return nil, err
	}
	if s.holdErr != nil && len(b.Hold) > 0 && !b.Force {
		return nil, s.holdErr // a file that holds only these would end all others
	}
	holds := slices.Clone(s.Holds)
	for _, h := range b.Hold {
		holds = putHold(holds, h)
	}
	holds = slices.DeleteFunc(holds, func(h Hold) bool { return slices.Contains(b.Lift, h.Component) })
	same := slices.Equal(holds, s.Holds) && len(draft.newKept()) == 0
	if s.holdErr != nil && len(b.Hold)+len(b.Lift) == 0 || s.holdErr == nil && same {
		return draft, nil
	}
	return draft.withHolds(b.Environment, holds)
}

// newKept are the records of what is kept that the file does not have yet.
func (d *Draft) newKept() []Kept {
	return slices.DeleteFunc(slices.Clone(d.kept), func(k Kept) bool {
		known, _ := d.Snapshot.KeptAs(k.Component, k.Tag)
		return known == k
	})
}

// putHold adds a hold or replaces the earlier one against the same build, of which who put it stays named. The others stay: a
// second rollback makes the build that the first one rejected no better, and thaws nothing that a person froze.
func putHold(holds []Hold, h Hold) []Hold {
	i := slices.IndexFunc(holds, h.about)
	if i < 0 {
		return append(holds, h)
	}
	earlier := holds[i]
	if h.Reason == "" {
		h.Reason = earlier.Reason
	}
	if !earlier.same(h) {
		holds[i] = h
	}
	return holds
}

// withHolds is the same draft with the file of holds as it is to be; without any it is to go, and files of earlier names go always.
func (d *Draft) withHolds(environment string, holds []Hold) (*Draft, error) {
	changed := *d
	path := d.Snapshot.holdPath
	former := slices.Sorted(maps.Keys(d.Snapshot.former))
	changed.Files = slices.DeleteFunc(slices.Clone(d.Files), func(f DraftFile) bool { return f.Path == path || slices.Contains(former, f.Path) })
	for _, path := range former {
		changed.Files = append(changed.Files, DraftFile{Path: path, Delete: true})
	}
	file := holdFile{Holds: holds, Kept: putKept(d.Snapshot.Kept, d.newKept())}
	switch nothing := len(file.Holds)+len(file.Kept) == 0; {
	case nothing && d.Snapshot.held == nil:
		return &changed, nil
	case nothing:
		changed.Files = append(changed.Files, DraftFile{Path: path, Delete: true})
		return &changed, nil
	}
	data, err := file.render(environment)
	if err != nil || bytes.Equal(data, d.Snapshot.held) {
		return &changed, err
	}
	changed.Files = append(changed.Files, DraftFile{Path: path, Bytes: data})
	return &changed, nil
}

// without is the same draft where some holds end with it.
func (d *Draft) without(environment string, ended []Hold) (*Draft, error) {
	if len(ended) == 0 {
		return d, nil
	}
	return d.withHolds(environment, remaining(d.Snapshot.Holds, ended))
}

// remaining are those holds that do not end.
func remaining(holds, ended []Hold) []Hold {
	return slices.DeleteFunc(slices.Clone(holds), func(h Hold) bool { return slices.ContainsFunc(ended, h.about) })
}

// freed are the components whose last hold ends.
func (d *Draft) freed(ended []Hold) []string {
	var names []string
	left := remaining(d.Snapshot.Holds, ended)
	for _, h := range ended {
		if !isHeld(left, h.Component) && !slices.Contains(names, h.Component) {
			names = append(names, h.Component)
		}
	}
	return names
}

// wanted gives a file as it is to be, nil where it is not to exist.
func (d *Draft) wanted(path string, now []byte) []byte {
	if i := slices.IndexFunc(d.Files, func(f DraftFile) bool { return f.Path == path }); i >= 0 {
		return d.Files[i].Bytes
	}
	return now
}
