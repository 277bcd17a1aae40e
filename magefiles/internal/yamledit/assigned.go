package yamledit

import "github.com/mikefarah/yq/v4/pkg/yqlib"

// assignedHint marks scalars that an expression has assigned: assignedHint+i for the i-th. Like untouchedHint it travels in a hint that
// nothing else reads.
const assignedHint yqlib.EncodeHint = 16

// markAssigned counts the scalars that the expression of this index has assigned, and marks them as its own.
func markAssigned(docs []*document, expression int) int {
	count := 0
	var visit func(n *yqlib.CandidateNode)
	visit = func(n *yqlib.CandidateNode) {
		if n.Kind == yqlib.ScalarNode && isFresh(n) {
			n.EncodeHint, n.Content = assignedHint+yqlib.EncodeHint(expression), nil
			count++
			return
		}
		for i, child := range n.Content {
			if n.Kind != yqlib.MappingNode || i%2 == 1 {
				visit(child)
			}
		}
	}
	for _, d := range docs {
		visit(d.evaluated)
	}
	return count
}

// isFresh reports whether a scalar was assigned since the last call of settle.
func isFresh(n *yqlib.CandidateNode) bool {
	return n.Content != nil || n.EncodeHint != untouchedHint && n.EncodeHint < assignedHint
}

// assignedBy is the index of the last expression that assigned n.
func assignedBy(n *yqlib.CandidateNode) int { return max(int(n.EncodeHint-assignedHint), 0) }
