package yamlschema

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Shape is the schema of a value: the keywords of JSON schema, draft 2020-12, that describe it.
type Shape struct {
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
	Items                *Shape     `json:"items,omitempty"`
	MinProperties        int        `json:"minProperties,omitempty"`
	Required             []string   `json:"required,omitempty"`
	PropertyNames        *Shape     `json:"propertyNames,omitempty"`
	Properties           properties `json:"properties,omitempty"`
	AdditionalProperties any        `json:"additionalProperties,omitempty"` // false, or a shape
	AnyOf                []*Shape   `json:"anyOf,omitempty"`
	Defs                 properties `json:"$defs,omitempty"`

	names string // the expression that the key of this value matches, where the user chooses it
}

// Describe lets a decoder say what it takes, by running it on a value that asks instead of one that answers. So the schema
// is the decoder's own, and knows every key as soon as the decoder does.
func Describe(path string, decode Decode) *Shape {
	s := &Shape{}
	decode(Value{Node: &yaml.Node{}, Path: path, Shape: s})
	return s
}

func describeMapping(v Value, fields []Field) {
	v.Shape.Type, v.Shape.AdditionalProperties = "object", false
	for _, f := range fields {
		if f.refused {
			continue
		}
		if f.required {
			v.Shape.Required = append(v.Shape.Required, f.key)
		}
		s := Describe(v.childValue(f.key, nil).Path, f.decode)
		s.Description, s.Default = f.description(), s.defaultValue(f.preset)
		v.Shape.Properties = append(v.Shape.Properties, property{f.key, s})
	}
}

func (f Field) description() string {
	if f.required {
		return f.text
	}
	return f.text + " Default: " + f.preset + "."
}

// defaultValue returns a default as a value, nil where it is only described in words.
func (s *Shape) defaultValue(text string) any {
	if s.Type == "boolean" {
		return text == "true"
	}
	if slices.Contains(s.Enum, any(text)) {
		return text
	}
	return nil
}

func describeNamed(v Value, each func(key *yaml.Node, v Value)) {
	item := Describe(v.Path, func(v Value) { each(&yaml.Node{}, v) })
	v.Shape.Type, v.Shape.MinProperties, v.Shape.AdditionalProperties = "object", 1, item
	if item.names != "" {
		v.Shape.PropertyNames = &Shape{Pattern: item.names}
	}
}

func (d *Decoder) describeList(v Value, single bool, each Decode) {
	item := Describe(v.Path, each)
	if single {
		item = d.defineShape(v.Path, item)
	}
	list := &Shape{Type: "array", MinItems: 1, Items: item}
	if single {
		v.Shape.AnyOf = []*Shape{item, list}
		return
	}
	*v.Shape = *list
}

// defineShape keeps a mapping that stands in several places in one, under the last word of its path.
func (d *Decoder) defineShape(path string, s *Shape) *Shape {
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
	return &Shape{Ref: "#/$defs/" + name}
}

func (s *Shape) describeChoice(names []string) {
	for _, name := range names {
		s.Enum = append(s.Enum, name)
	}
}
