package yamlschema

import (
	"cmp"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Mapping decodes a mapping whose keys are fields, and returns the keys that it has; nil where v is no mapping. A missing
// key is reported at the node `at`.
func (d *Decoder) Mapping(at *yaml.Node, v Value, fields ...Field) map[string]bool {
	if v.Shape != nil {
		describeMapping(v, fields)
		return nil
	}
	entries, ok := entriesOf(d, v)
	if !ok {
		return nil
	}
	var names []string
	for _, f := range fields {
		if !f.refused {
			names = append(names, f.key)
		}
	}
	seen := map[string]bool{}
	for _, e := range entries {
		seen[e.name] = true
		if i := slices.IndexFunc(fields, func(f Field) bool { return f.key == e.name }); i < 0 {
			seen[nearestName(e.name, names)] = true // so that a mistyped key is not missing as well
			remedy := cmp.Or(renameRemedy(d.format.Renames, v.Path, e.name), Suggest(e.name, "known keys", names))
			d.ReportAt(e.key, remedy, "unknown key %q%s", e.name, inMapping(v.Path))
		} else if child := v.childValue(e.name, e.value); requireValue(d, e.key, child) {
			fields[i].decode(child)
		}
	}
	for _, f := range fields {
		if f.required && !seen[f.key] {
			d.ReportMissing(at, f.key, v.Path)
		}
	}
	return seen
}

// ReportMissing reports that a mapping lacks a key.
func (d *Decoder) ReportMissing(at *yaml.Node, key, path string) {
	d.ReportAt(at, d.format.MissingRemedy(key), "missing key %q%s", key, inMapping(path))
}

// requireValue refuses a key without a value, which YAML reads as null.
func requireValue(d *Decoder, key *yaml.Node, v Value) bool {
	if v.Kind != yaml.ScalarNode || v.ShortTag() != "!!null" {
		return true
	}
	d.ReportAt(key, cmp.Or(d.format.NoValueRemedy(v.Path, key.Value), "give it a value or remove the key"), "%s has no value", v.Path)
	return false
}

// Named decodes a mapping whose keys the user chooses, at least one, in the order of the file.
func (d *Decoder) Named(each func(key *yaml.Node, v Value)) Decode {
	return func(v Value) {
		if v.Shape != nil {
			describeNamed(v, each)
			return
		}
		entries, ok := entriesOf(d, v)
		if ok && len(entries) == 0 {
			d.ReportAt(v.Node, "name at least one", "%s is empty", v.Path)
		}
		for _, e := range entries {
			if child := v.childValue(e.name, e.value); requireValue(d, e.key, child) {
				each(e.key, child)
			}
		}
	}
}

// List decodes each item of a list that is not empty; with single, one item may stand without a list.
func (d *Decoder) List(single bool, each Decode) Decode {
	return func(v Value) {
		switch {
		case v.Shape != nil:
			d.describeList(v, single, each)
		case v.Kind != yaml.SequenceNode && single:
			each(v)
		case v.Kind != yaml.SequenceNode:
			d.WrongType(v, "a list")
		case len(v.Content) == 0:
			d.ReportAt(v.Node, "give it a value or remove the key", "%s is empty", v.Path)
		default:
			for i, n := range v.Content {
				if item := v.itemValue(i, resolveAlias(n)); requireValue(d, item.Node, item) {
					each(item)
				}
			}
		}
	}
}
