package config_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

var schemaFile = filepath.Join("..", "..", "..", "templates", config.SchemaName)

// TestSchemaIsCheckedIn holds the schema that editors read against the decoder.
func TestSchemaIsCheckedIn(t *testing.T) {
	schema, err := config.Schema()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, schemaFile, string(schema))
}

// TestSchemaDescribesEveryKey finds a key without a description, or an optional one without its default.
func TestSchemaDescribesEveryKey(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(read(t, schemaFile), &schema); err != nil {
		t.Fatal(err)
	}
	keys := 0
	var walk func(path string, node any)
	walk = func(path string, node any) {
		switch node := node.(type) {
		case map[string]any:
			required, _ := node["required"].([]any)
			properties, _ := node["properties"].(map[string]any)
			for key, child := range properties {
				keys++
				description, _ := child.(map[string]any)["description"].(string)
				optional := !strings.Contains(" "+join(required)+" ", " "+key+" ")
				if description == "" || optional != strings.Contains(description, " Default: ") {
					t.Errorf("%s.%s: description %q", path, key, description)
				}
			}
			for key, child := range node {
				walk(path+"."+key, child)
			}
		case []any:
			for _, child := range node {
				walk(path, child)
			}
		}
	}
	walk("", schema)
	if keys < 60 {
		t.Errorf("only %d keys were found", keys)
	}
}

func join(words []any) string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i], _ = word.(string)
	}
	return strings.Join(texts, " ")
}

// compiled gives the schema to a validator of others, which also checks that it is one.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(read(t, schemaFile)))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("astrago.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("astrago.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// instance is a YAML document as editors see it; false where YAML refuses it.
func instance(text []byte) (any, bool) {
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, false
	}
	data, err := json.Marshal(dates(document))
	if err != nil {
		return nil, false
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	return value, err == nil
}

// dates turns what YAML 1.1 reads as a time back into text; editors read YAML 1.2, which has none.
func dates(node any) any {
	switch node := node.(type) {
	case map[string]any:
		for key, child := range node {
			node[key] = dates(child)
		}
	case []any:
		for i, child := range node {
			node[i] = dates(child)
		}
	case time.Time:
		return node.Format(time.DateOnly)
	}
	return node
}

func TestSchemaAcceptsWhatParseAccepts(t *testing.T) {
	schema := compiled(t)
	for _, path := range files(t, "valid") {
		document, ok := instance(read(t, path))
		if err := schema.Validate(document); err != nil || !ok {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestSchemaRefuses holds the schema against the files with mistakes: wrong types, unknown and missing keys, and words
// that are none of a choice are seen in the editor already.
func TestSchemaRefuses(t *testing.T) {
	schema := compiled(t)
	refused := 0
	for _, path := range files(t, "errors") {
		said := string(read(t, strings.TrimSuffix(path, ".yaml")+".golden"))
		seen := false
		for _, words := range []string{"unknown key", " must be ", "which is none of", "missing key", " is empty\n", "which is not a valid name\n", "to be filled in"} {
			seen = seen || strings.Contains(said, words)
		}
		document, ok := instance(read(t, path))
		// `image` may stand in either of two places, and a value's own tag is YAML's alone.
		if !seen || !ok || strings.Contains(path, "missing-image") || strings.Contains(path, "type-tag") {
			continue
		}
		refused++
		if schema.Validate(document) == nil {
			t.Errorf("%s is accepted, but Parse says\n%s", path, said)
		}
	}
	if refused < 20 {
		t.Errorf("only %d files were refused", refused)
	}
}
