package yq_test

import (
	"fmt"
	"testing"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// tree returns yq's tree of a document.
func tree(t *testing.T, doc string) *yqlib.CandidateNode {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(doc), &n); err != nil {
		t.Fatal(err)
	}
	root := &yqlib.CandidateNode{}
	if err := root.UnmarshalYAML(n.Content[0], map[string]*yqlib.CandidateNode{}); err != nil {
		t.Fatal(err)
	}
	return root
}

// parse reads an expression for a document of any size.
func parse(t *testing.T, expression string) *yqlib.ExpressionNode {
	t.Helper()
	defer yq.Lock()()
	e, err := yq.Parse(expression, make([]byte, 1000))
	if err != nil {
		t.Fatal(err)
	}
	return e.Root
}

// evaluate returns the nodes that an expression yields.
func evaluate(root *yqlib.CandidateNode, e *yqlib.ExpressionNode) (found []*yqlib.CandidateNode, err error) {
	defer yq.Lock()()
	defer yq.Recover(&err)
	result, err := yqlib.NewDataTreeNavigator().GetMatchingNodes(yqlib.Context{MatchingNodes: root.AsList()}, e)
	if err != nil {
		return nil, err
	}
	for el := result.MatchingNodes.Front(); el != nil; el = el.Next() {
		found = append(found, el.Value.(*yqlib.CandidateNode))
	}
	return found, nil
}

// wanted returns the one node that a path yields, which may be new.
func wanted(t *testing.T, root *yqlib.CandidateNode, path string) *yqlib.CandidateNode {
	t.Helper()
	found, err := evaluate(root, parse(t, path))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s yields %d nodes: %v", path, len(found), err)
	}
	return found[0]
}

// values are the nodes of a tree that are no keys.
func values(n *yqlib.CandidateNode) []*yqlib.CandidateNode {
	all := []*yqlib.CandidateNode{n}
	for i, child := range n.Content {
		if n.Kind != yqlib.MappingNode || i%2 == 1 {
			all = append(all, values(child)...)
		}
	}
	return all
}

// outline is what a tree holds.
func outline(n *yqlib.CandidateNode) string {
	all := fmt.Sprintf("%d %s %q %q(", n.Kind, n.Tag, n.Value, n.Anchor)
	for _, child := range n.Content {
		all += outline(child)
	}
	return all + ")"
}
