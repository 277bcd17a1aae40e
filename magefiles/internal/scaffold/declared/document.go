package declared

import (
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

// documents parses the YAML documents of a file; what is no such file has none. Aliases stay unresolved, so that nothing grows.
func documents(content string) (roots []*yaml.Node) {
	if content == "" {
		return nil
	}
	decoder := yaml.NewDecoder(strings.NewReader(content))
	for len(roots) < maxFiles {
		var document yaml.Node
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) || err != nil {
			return roots
		}
		if len(document.Content) == 1 {
			roots = append(roots, document.Content[0])
		}
	}
	return roots
}

// resolve returns what a node stands for.
func resolve(node *yaml.Node) *yaml.Node {
	for range maxDepth {
		if node == nil || node.Kind != yaml.AliasNode {
			return node
		}
		node = node.Alias
	}
	return nil
}

// pair is a key of a mapping with its value.
type pair struct{ key, value *yaml.Node }

// pairs returns the keys of a mapping and those that it merges; others have none.
func pairs(node *yaml.Node) []pair { return pairsWithin(node, maxDepth) }

func pairsWithin(node *yaml.Node, depth int) (all []pair) {
	node = resolve(node)
	if node == nil || node.Kind != yaml.MappingNode || depth == 0 {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value != "<<" {
			all = append(all, pair{node.Content[i], resolve(node.Content[i+1])})
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == "<<" {
			merged := []*yaml.Node{node.Content[i+1]}
			if list := resolve(node.Content[i+1]); list != nil && list.Kind == yaml.SequenceNode {
				merged = list.Content[:min(len(list.Content), maxDepth)]
			}
			for _, each := range merged {
				if len(all) < maxBuilds {
					all = append(all, pairsWithin(each, depth/2)...)
				}
			}
		}
	}
	return all
}

// get returns the value below keys, nil where one is missing.
func get(node *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var found *yaml.Node
		for _, p := range pairs(node) {
			if p.key.Value == key {
				found = p.value
				break
			}
		}
		if node = found; node == nil {
			return nil
		}
	}
	return resolve(node)
}

// text returns a scalar's value, empty for anything else.
func text(node *yaml.Node) string {
	if node = resolve(node); node == nil || node.Kind != yaml.ScalarNode || node.Tag == "!!null" {
		return ""
	}
	return node.Value
}

// items returns the elements of a list, or a scalar as the only one.
func items(node *yaml.Node) []*yaml.Node {
	switch node = resolve(node); {
	case node == nil || node.Tag == "!!null":
		return nil
	case node.Kind == yaml.SequenceNode:
		return node.Content[:min(len(node.Content), maxBuilds)]
	case node.Kind == yaml.ScalarNode:
		return []*yaml.Node{node}
	}
	return nil
}

// settings returns a mapping of scalars, or a list of NAME=value, which Compose takes for the same. A value that is missing is
// taken from the environment.
func settings(node *yaml.Node) map[string]*string {
	all := map[string]*string{}
	for _, p := range pairs(node) {
		if p.value == nil || p.value.Tag == "!!null" {
			all[p.key.Value] = nil
		} else if p.value.Kind == yaml.ScalarNode {
			all[p.key.Value] = &p.value.Value
		}
	}
	if node = resolve(node); node != nil && node.Kind == yaml.SequenceNode {
		for _, item := range items(node) {
			name, value, found := strings.Cut(text(item), "=")
			if all[name] = nil; found {
				all[name] = &value
			}
		}
	}
	return all
}
