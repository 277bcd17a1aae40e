package yamlschema

import "go.yaml.in/yaml/v4"

// mappingEntry is one key of a mapping.
type mappingEntry struct {
	name       string
	key, value *yaml.Node // value is no alias
}

// entriesOf returns the keys of a mapping in the order of the file, then those that it merges (`<<`, YAML 1.1 type merge)
// and does not have itself. It is false where v is no mapping.
func entriesOf(d *Decoder, v Value) ([]mappingEntry, bool) {
	if v.Kind != yaml.MappingNode {
		d.WrongType(v, "a mapping")
		return nil, false
	}
	m := mappingMerger{decoder: d, path: v.Path, index: map[string]*yaml.Node{}, merged: map[*yaml.Node]bool{}}
	m.mergeMapping(v.Node)
	return m.entries, true
}

// mappingMerger collects the entries of one mapping and of all that it merges.
type mappingMerger struct {
	decoder *Decoder
	path    string
	entries []mappingEntry
	index   map[string]*yaml.Node // the key node of each name
	merged  map[*yaml.Node]bool   // mappings already taken: a mapping may be merged often, or into itself
}

func (m *mappingMerger) mergeMapping(mapping *yaml.Node) {
	if m.merged[mapping] {
		return
	}
	m.merged[mapping] = true
	own := map[string]bool{}
	var sources []*yaml.Node
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], resolveAlias(mapping.Content[i+1])
		switch {
		case key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge":
			sources = append(sources, value)
		case key.Kind != yaml.ScalarNode:
			m.decoder.ReportAt(key, "write the key as plain text", "a key%s is not text", inMapping(m.path))
		case own[key.Value]:
			m.decoder.ReportAt(key, "remove one of the two", "duplicate key %q%s, which line %d has already",
				key.Value, inMapping(m.path), m.index[key.Value].Line)
		case m.index[key.Value] == nil:
			m.entries = append(m.entries, mappingEntry{key.Value, key, value})
			m.index[key.Value] = key
			own[key.Value] = true
		}
	}
	for _, source := range sources {
		m.mergeFrom(source)
	}
}

// mergeFrom takes one mapping or a list of them.
func (m *mappingMerger) mergeFrom(source *yaml.Node) {
	switch source.Kind {
	case yaml.MappingNode:
		m.mergeMapping(source)
	case yaml.SequenceNode:
		for _, n := range source.Content {
			if n = resolveAlias(n); n.Kind == yaml.MappingNode {
				m.mergeMapping(n)
			} else {
				m.decoder.ReportAt(n, "name an anchor of a mapping: `<<: *base`", "what `<<`%s merges is not a mapping", inMapping(m.path))
			}
		}
	default:
		m.decoder.ReportAt(source, "name an anchor of a mapping: `<<: *base`", "what `<<`%s merges is not a mapping", inMapping(m.path))
	}
}

// resolveAlias follows an alias to its anchor.
func resolveAlias(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}
