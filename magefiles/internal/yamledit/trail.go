package yamledit

import (
	"slices"

	yaml "go.yaml.in/yaml/v4"
)

// trail is the way from a document's root down to a node.
type trail []step

// step is a collection and the key under which the trail goes on, nil in a list.
type step struct{ collection, key *yaml.Node }

// key is the last key on the trail, nil for a list item and for the root.
func (t trail) key() *yaml.Node {
	if len(t) == 0 {
		return nil
	}
	return t[len(t)-1].key
}

// inFlow reports whether the trail leads into a flow collection, where commas and brackets end a plain scalar.
func (t trail) inFlow() bool {
	return slices.ContainsFunc(t, func(s step) bool { return s.collection.Style&yaml.FlowStyle != 0 })
}

// begins reports whether the trail leads through these keys, from the root.
func (t trail) begins(keys ...string) bool {
	if len(t) < len(keys) {
		return false
	}
	for i, key := range keys {
		if t[i].key == nil || t[i].key.Value != key {
			return false
		}
	}
	return true
}
