package config

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// shape is what a value may be: the keywords of JSON schema, draft 2020-12, that say so.
type shape struct {
	Schema               string     `json:"$schema,omitempty"`
	ID                   string     `json:"$id,omitempty"`
	Ref                  string     `json:"$ref,omitempty"`
	Title                string     `json:"title,omitempty"`
	Description          string     `json:"description,omitempty"`
	Default              any        `json:"default,omitempty"`
	Type                 any        `json:"type,omitempty"` // one type, or a list
	Const                any        `json:"const,omitempty"`
	Enum                 []any      `json:"enum,omitempty"`
	Pattern              string     `json:"pattern,omitempty"`
	MinItems             int        `json:"minItems,omitempty"`
	Items                *shape     `json:"items,omitempty"`
	MinProperties        int        `json:"minProperties,omitempty"`
	Required             []string   `json:"required,omitempty"`
	PropertyNames        *shape     `json:"propertyNames,omitempty"`
	Properties           properties `json:"properties,omitempty"`
	AdditionalProperties any        `json:"additionalProperties,omitempty"` // false, or a shape
	AnyOf                []*shape   `json:"anyOf,omitempty"`
	Defs                 properties `json:"$defs,omitempty"`

	names string // the expression that the key of this value matches, where the user chooses it
}

// describe lets a decoder say what it takes, by running it on a value that asks instead of one that answers. So the schema
// is the decoder's own, and knows every key as soon as the decoder does.
func describe(path string, decode decode) *shape {
	s := &shape{}
	decode(value{Node: &yaml.Node{}, path: path, shape: s})
	return s
}

func (d *decoder) describeMapping(v value, fields []field) {
	v.shape.Type, v.shape.AdditionalProperties = "object", false
	for _, f := range fields {
		if f.refused {
			continue
		}
		if f.required {
			v.shape.Required = append(v.shape.Required, f.key)
		}
		s := describe(v.child(f.key, nil).path, f.decode)
		s.Description, s.Default = f.description(), s.preset(f.preset)
		v.shape.Properties = append(v.shape.Properties, property{f.key, s})
	}
}

func (f field) description() string {
	if f.required {
		return f.text
	}
	return f.text + " Default: " + f.preset + "."
}

// preset is a default as a value, nil where it is only told in words.
func (s *shape) preset(text string) any {
	if s.Type == "boolean" {
		return text == "true"
	}
	if slices.Contains(s.Enum, any(text)) {
		return text
	}
	return nil
}

func (d *decoder) describeNamed(v value, each func(key *yaml.Node, v value)) {
	item := describe(v.path, func(v value) { each(&yaml.Node{}, v) })
	v.shape.Type, v.shape.MinProperties, v.shape.AdditionalProperties = "object", 1, item
	if item.names != "" {
		v.shape.PropertyNames = &shape{Pattern: item.names}
	}
}

func (d *decoder) describeList(v value, single bool, each decode) {
	item := describe(v.path, each)
	if single {
		item = d.define(v.path, item)
	}
	list := &shape{Type: "array", MinItems: 1, Items: item}
	if single {
		v.shape.AnyOf = []*shape{item, list}
		return
	}
	*v.shape = *list
}

// define keeps a mapping that stands in several places in one, under the last word of its path.
func (d *decoder) define(path string, s *shape) *shape {
	if s.Type != "object" {
		return s
	}
	name := path[strings.LastIndex(path, ".")+1:]
	i := slices.IndexFunc(d.definitions, func(p property) bool { return p.name == name })
	switch {
	case i < 0:
		d.definitions = append(d.definitions, property{name, s})
	case !reflect.DeepEqual(d.definitions[i].shape, s):
		return s
	}
	return &shape{Ref: "#/$defs/" + name}
}

func (s *shape) describeChoice(names []string) {
	for _, name := range names {
		s.Enum = append(s.Enum, name)
	}
}

// fieldList names the fields of a template for people.
func fieldList(fields []string) string {
	return "`." + strings.Join(fields, "`, `.") + "`"
}
