package yamledit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// checkUnaliased refuses to set what an alias or a merge key repeats elsewhere, and names every place that would change. Where
// that is meant, the places are kept with the setting.
func (c *comparison) checkUnaliased() {
	if len(c.aliases) == 0 {
		return
	}
	for _, s := range c.settings {
		s.shared = c.repetitions(s.where, s.node, s.to)
		if len(s.shared) > 0 && !c.policy.shared {
			c.addProblem(sharedValue(s.to, s.shared).At(c.src.Place(s.where.lastKey(), s.node)))
		}
	}
	for _, a := range c.additions {
		inside := append(slices.Clone(a.where), pathElement{collection: a.parent})
		if places := c.repetitions(inside, nil, a.value); len(places) > 0 {
			c.addProblem(sharedValue(a.value, places).At(c.src.Place(a.where.lastKey(), nil)))
		}
	}
}

func sharedValue(n *yqlib.CandidateNode, places []string) *problem.Problem {
	return problem.New(problem.Refused, "give the place to change a value of its own in the file once, instead of the alias;\n"+
		"where all of them are meant, write `shared: true` into the entry of `deploy` in astrago.yaml",
		"setting %s: the value is shared by an anchor, and this would also change %s", yq.Shown(n), strings.Join(places, ", "))
}

// repetitions are the other places at which n stands, through aliases of it and of the collections around it.
func (c *comparison) repetitions(where nodePath, written *yaml.Node, n *yqlib.CandidateNode) (places []string) {
	anchored := map[*yaml.Node]string{} // with the rest of the path from there down to n
	if written != nil && written.Anchor != "" {
		anchored[written] = ""
	}
	above := n
	for _, step := range slices.Backward(where) {
		if above = above.Parent; above == nil {
			break
		}
		if step.collection.Anchor != "" {
			anchored[step.collection] = strings.TrimPrefix(yq.PathOf(n), yq.PathOf(above))
		}
	}
	for _, a := range c.aliases {
		if suffix, ok := anchored[a.node.Alias]; ok {
			places = append(places, fmt.Sprintf("%s (line %d)", yq.PathOf(yq.HolderOf(a.as))+suffix, a.node.Line))
		}
	}
	return places
}
