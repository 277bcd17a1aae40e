package yamledit

import (
	"slices"

	yaml "go.yaml.in/yaml/v4"
)

// nodePath is the way from a document's root down to a node.
type nodePath []pathElement

// pathElement is a collection and the key under which the path goes on, nil in a list.
type pathElement struct{ collection, key *yaml.Node }

// lastKey is the last key on the path, nil for a list item and for the root.
func (t nodePath) lastKey() *yaml.Node {
	if len(t) == 0 {
		return nil
	}
	return t[len(t)-1].key
}

// inFlow reports whether the path leads into a flow collection, where commas and brackets end a plain scalar.
func (t nodePath) inFlow() bool {
	return slices.ContainsFunc(t, func(s pathElement) bool { return s.collection.Style&yaml.FlowStyle != 0 })
}

// hasPrefix reports whether the path leads through these keys, from the root.
func (t nodePath) hasPrefix(keys ...string) bool {
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
