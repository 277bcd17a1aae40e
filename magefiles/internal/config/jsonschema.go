package config

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// SchemaName is the name of the schema among the templates, where configurations point their editors to.
const SchemaName = "astrago.schema.json"

// Schema gives the JSON schema of astrago.yaml (draft 2020-12), for editors: every key with its type, its grammar, and a
// description that tells its unit and default. What it accepts may still be refused by Parse, which knows the rules over
// several keys; what Parse accepts, it accepts.
func Schema() ([]byte, error) {
	d := &decoder{text: newText(FileName, nil)}
	root := describe("", func(v value) { d.file(v) })
	root.Schema = "https://json-schema.org/draft/2020-12/schema"
	root.ID = "https://raw.githubusercontent.com/xiilab/astrago-ci/main/templates/" + SchemaName
	root.Title = FileName
	root.Description = "What `mage build`, `push`, `bump` and `release` do for a repository (astrago-ci)."
	root.Defs = d.definitions
	data, err := marshal(root)
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
	shape *shape
}

// properties keep the order of the decoder, which is the one to read them in.
type properties []property

// MarshalJSON writes the properties as one object.
func (p properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, one := range p {
		name, err := marshal(one.name)
		if err != nil {
			return nil, err
		}
		data, err := marshal(one.shape)
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

// marshal leaves <, > and & as they are: the schema is read by people too, and by no browser.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return b.Bytes(), err
}
