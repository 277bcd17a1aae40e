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

// putHold adds a hold or replaces the component's earlier one. Who put the same before stays named, and what a person
// froze, a rollback does not let newer builds thaw.
func putHold(holds []Hold, h Hold) []Hold {
	i := slices.IndexFunc(holds, func(other Hold) bool { return other.Component == h.Component })
	if i < 0 {
		return append(holds, h)
	}
	earlier := holds[i]
	if earlier.frozen() {
		h.Until = earlier.Until
	}
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

// without is the same draft where the holds of some components end with it.
func (d *Draft) without(environment string, lifted []string) (*Draft, error) {
	if len(lifted) == 0 {
		return d, nil
	}
	holds := slices.DeleteFunc(slices.Clone(d.Snapshot.Holds), func(h Hold) bool { return slices.Contains(lifted, h.Component) })
	return d.withHolds(environment, holds)
}

// wanted gives a file as it is to be, nil where it is not to exist.
func (d *Draft) wanted(path string, now []byte) []byte {
	if i := slices.IndexFunc(d.Files, func(f DraftFile) bool { return f.Path == path }); i >= 0 {
		return d.Files[i].Bytes
	}
	return now
}
