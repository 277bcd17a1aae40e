package yamledit

import (
	"fmt"
	"slices"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// addKeys takes the keys that an evaluation appended to a map, from index on, as additions, or refuses them.
func (c *comparison) addKeys(where nodePath, was *yaml.Node, is *yqlib.CandidateNode, index int) {
	for i := index; i+1 < len(is.Content); i += 2 {
		if err := c.checkAddable(where, was, is.Content[i], is.Content[i+1]); err != nil {
			c.addProblem(err)
			continue
		}
		c.additions = append(c.additions, &keyAddition{parent: was, key: is.Content[i], value: is.Content[i+1], where: slices.Clone(where)})
	}
}

func (c *comparison) checkAddable(where nodePath, was *yaml.Node, key, value *yqlib.CandidateNode) error {
	if !c.policy.create {
		return c.refusals.missingKey(where, value)
	}
	if was.Style&yaml.FlowStyle != 0 || len(was.Content) == 0 || key.Kind != yqlib.ScalarNode || value.Kind != yqlib.ScalarNode {
		return problem.New(problem.Refused, "add the key to the file by hand once",
			"adding %s: only a single string can be added, to the end of a block map that has keys", yq.Shown(leaf(value))).
			At(c.src.Place(where.lastKey(), was))
	}
	if value.Tag != source.StringTag {
		return c.refusals.notAssignable(where, was, value)
	}
	if err := c.policy.check(value.Value); err != nil {
		return problem.New(problem.Refused, "check what fills in the expression's value", "adding %s: %w", yq.Shown(value), err)
	}
	return nil
}

// missingKey refuses to create created, and names the existing path that was most likely meant.
func (r refusals) missingKey(where nodePath, created *yqlib.CandidateNode) error {
	remedy := "correct the path, or add the key to the file once"
	wanted := leaf(created)
	if near := yq.Nearest(wanted); near != nil {
		remedy = fmt.Sprintf("did you mean %s (line %d)?", yq.Shown(near), near.Line)
	}
	holder := "the file"
	if len(r.documents) > 1 {
		holder = fmt.Sprintf("document %d of the file's %d (counted from 0)", wanted.GetDocument(), len(r.documents))
		remedy += "\n" + r.selectionRemedy(wanted)
	}
	return problem.New(problem.Refused, remedy, "setting %s: %s has no such key", yq.Shown(wanted), holder).
		At(r.src.Place(where.lastKey(), nil))
}

// leaf is the innermost of the nodes that yq creates for one path.
func leaf(n *yqlib.CandidateNode) *yqlib.CandidateNode {
	for len(n.Content) > 0 {
		n = n.Content[len(n.Content)-1]
	}
	return n
}
