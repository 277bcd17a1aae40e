package pinned

import (
	"strings"
	"testing"
)

// A description in the small, with everything that trimming could get wrong.
const small = `{
  "openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "servers": [{"url": "https://example.com"}],
  "paths": {
    "/user": {"get": {"summary": "s", "tags": ["t"], "responses": {"200": {"description": "d", "$ref": "#/components/responses/r"}}}},
    "/repos/{owner}/{repo}/git/refs": {"post": {"requestBody": {"content": {"application/json": {"schema": {
      "type": "object", "required": ["description"], "example": {"description": "x"},
      "properties": {"description": {"type": "string", "description": "prose"}, "example": {"maximum": 9007199254740993},
        "kind": {"enum": ["a"], "default": {"description": "data"}}}}}}}}},
    "/repos/{owner}/{repo}/hooks": {"get": {"responses": {"200": {"$ref": "#/components/responses/unused"}}}}
  },
  "components": {
    "responses": {"r": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/tree"}}}}, "unused": {}},
    "schemas": {"tree": {"properties": {"child": {"$ref": "#/components/schemas/tree"}}}, "unused": {}}
  }
}`

const smallTrimmed = `{"components":{` +
	`"responses":{"r":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/tree"}}}}},` +
	`"schemas":{"tree":{"properties":{"child":{"$ref":"#/components/schemas/tree"}}}}},` +
	`"info":{"title":"T","version":"1"},"openapi":"3.0.3","paths":{` +
	`"/repos/{owner}/{repo}/git/refs":{"post":{"requestBody":{"content":{"application/json":{"schema":{` +
	`"properties":{"description":{"type":"string"},"example":{"maximum":9007199254740993},` +
	`"kind":{"default":{"description":"data"},"enum":["a"]}},"required":["description"],"type":"object"}}}}}},` +
	`"/user":{"get":{"responses":{"200":{"$ref":"#/components/responses/r"}}}}}}`

func TestTrim(t *testing.T) {
	got, err := trim([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != smallTrimmed {
		t.Errorf("trimmed\n%s\nwant\n%s", got, smallTrimmed)
	}
}

func TestTrimSaysWhatIsWrong(t *testing.T) {
	for name, test := range map[string]struct{ full, want string }{
		"no JSON":        {`{`, "unexpected end of JSON input"},
		"dead reference": {strings.ReplaceAll(small, `"tree": {`, `"bush": {`), `nothing is at "#/components/schemas/tree"`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := trim([]byte(test.full)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want %q in it", err, test.want)
			}
		})
	}
}
