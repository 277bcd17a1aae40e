package pinned

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// repositoryPath begins every path of a repository in GitHub's description.
const repositoryPath = "/repos/{owner}/{repo}"

// keptPaths and keptAreas are the part of the REST interface that a release may use: some paths, and everything below
// some areas of a repository.
var (
	keptPaths = []string{"/user", "/rate_limit", "/app/installations/{installation_id}/access_tokens", repositoryPath}
	keptAreas = []string{
		"branches", "commits", "compare", "contents", "deployments", "git", "installation", "issues", "pulls", "releases", "rules",
		"rulesets", "statuses", "tarball",
	}
)

// prose are the keys of a description that no check reads. As the name of a property they stay.
var prose = []string{"description", "summary", "example", "examples", "externalDocs", "tags", "x-github"}

// named are the keys whose value is a map from names that the describer chose.
var named = []string{"properties", "patternProperties", "responses", "headers", "content", "paths"}

// recipe tells apart the results of different ways to trim.
func recipe() string {
	sum := sha256.Sum256([]byte(fmt.Sprint(keptPaths, keptAreas, prose, named)))
	return hex.EncodeToString(sum[:4])
}

// trim keeps of an OpenAPI description what checks of a release's requests need: it then loads fifty times faster.
func trim(full []byte) ([]byte, error) {
	var in struct {
		OpenAPI    string                                `json:"openapi"`
		Info       json.RawMessage                       `json:"info"`
		Paths      map[string]json.RawMessage            `json:"paths"`
		Components map[string]map[string]json.RawMessage `json:"components"`
	}
	if err := json.Unmarshal(full, &in); err != nil {
		return nil, fmt.Errorf("reading the description: %w", err)
	}
	t := trimmer{source: in.Components, components: map[string]map[string]any{}}
	paths := map[string]any{}
	for path, item := range in.Paths {
		if keeps(path) {
			paths[path] = t.take(item)
		}
	}
	if t.err != nil {
		return nil, fmt.Errorf("reading the description: %w", t.err)
	}
	return json.Marshal(map[string]any{"openapi": in.OpenAPI, "info": in.Info, "paths": paths, "components": t.components})
}

func keeps(path string) bool {
	if slices.Contains(keptPaths, path) {
		return true
	}
	below, ok := strings.CutPrefix(path, repositoryPath+"/")
	area, _, _ := strings.Cut(below, "/")
	return ok && slices.Contains(keptAreas, area)
}

// trimmer copies parts of a description, and the components that they refer to.
type trimmer struct {
	source     map[string]map[string]json.RawMessage
	components map[string]map[string]any
	err        error // the first
}

func (t *trimmer) take(part json.RawMessage) any {
	var node any
	decoder := json.NewDecoder(bytes.NewReader(part))
	decoder.UseNumber()
	if err := decoder.Decode(&node); err != nil && t.err == nil {
		t.err = err
	}
	return t.visit(node, false)
}

// visit copies a node without its prose; isNames says that its keys are names.
func (t *trimmer) visit(node any, isNames bool) any {
	switch n := node.(type) {
	case map[string]any:
		kept := make(map[string]any, len(n))
		for key, value := range n {
			switch {
			case !isNames && slices.Contains(prose, key):
			case !isNames && (key == "enum" || key == "default"):
				kept[key] = value // data
			default:
				kept[key] = t.visit(value, !isNames && slices.Contains(named, key))
			}
		}
		if ref, ok := n["$ref"].(string); ok && !isNames {
			t.follow(ref)
		}
		return kept
	case []any:
		kept := make([]any, len(n))
		for i, value := range n {
			kept[i] = t.visit(value, false)
		}
		return kept
	}
	return node
}

// follow copies the component behind a reference, "#/components/schemas/name", once.
func (t *trimmer) follow(ref string) {
	kind, name, _ := strings.Cut(strings.TrimPrefix(ref, "#/components/"), "/")
	if _, done := t.components[kind][name]; done {
		return
	}
	part, ok := t.source[kind][name]
	if !ok {
		if t.err == nil {
			t.err = fmt.Errorf("nothing is at %q", ref)
		}
		return
	}
	if t.components[kind] == nil {
		t.components[kind] = map[string]any{}
	}
	t.components[kind][name] = nil // ends circles
	t.components[kind][name] = t.take(part)
}
