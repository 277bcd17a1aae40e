package yamlschema

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Schema returns what a file may be, of which decode decodes the root.
func (d *Decoder) Schema(decode Decode) *Shape {
	root := Describe("", decode)
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.Defs = d.definitions
	return root
}

// JSON returns the shape as an indented document.
func (s *Shape) JSON() ([]byte, error) {
	data, err := marshalUnescaped(s)
	if err != nil {
		return nil, fmt.Errorf("writing the schema: %w", err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, data, "", "  "); err != nil {
		return nil, fmt.Errorf("writing the schema: %w", err)
	}
	return indented.Bytes(), nil
}

// property is a key with what its value may be.
type property struct {
	name  string
	shape *Shape
}

// properties keep the order of the decoder, which is the one to read them in.
type properties []property

// MarshalJSON writes the properties as one object.
func (p properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, one := range p {
		name, err := marshalUnescaped(one.name)
		if err != nil {
			return nil, err
		}
		data, err := marshalUnescaped(one.shape)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s:%s", bytes.TrimSpace(name), bytes.TrimSpace(data))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// marshalUnescaped leaves <, > and & as they are: the schema is read by people too, and by no browser.
func marshalUnescaped(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return b.Bytes(), err
}
