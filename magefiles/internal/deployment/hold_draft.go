package deployment

import (
	"bytes"
	"slices"
)

// draft computes what a bump changes on a snapshot: the values, and the holds that it puts or ends by request.
func (b Bump) draft(s *Snapshot) (*Draft, error) {
	draft, err := s.Edit(b.Deployment)
	if err != nil {
		return nil, err
	}
	holds := slices.Clone(s.Holds)
	for _, h := range b.Hold {
		holds = putHold(holds, h)
	}
	holds = slices.DeleteFunc(holds, func(h Hold) bool { return slices.Contains(b.Lift, h.Component) })
	if s.holdErr != nil && len(b.Hold)+len(b.Lift) == 0 || s.holdErr == nil && slices.Equal(holds, s.Holds) {
		return draft, nil
	}
	return draft.withHolds(b.Environment, holds)
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

// withHolds is the same draft with the file of holds as it is to be; without any it is to go.
func (d *Draft) withHolds(environment string, holds []Hold) (*Draft, error) {
	changed := *d
	path := d.Snapshot.holdPath
	changed.Files = slices.DeleteFunc(slices.Clone(d.Files), func(f DraftFile) bool { return f.Path == path })
	switch {
	case len(holds) == 0 && d.Snapshot.held == nil:
		return &changed, nil
	case len(holds) == 0:
		changed.Files = append(changed.Files, DraftFile{Path: path, Delete: true})
		return &changed, nil
	}
	data, err := renderHolds(environment, holds)
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
