package yq

import (
	"container/list"
	"slices"
	"strings"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
)

// Reach counts, for each assignment of an expression, the documents in which its left side matches anything. yq itself
// is silent about a path that leads through a scalar, and about a select that matches nothing.
type Reach map[*yqlib.ExpressionNode]*Documents

// Documents are numbers of documents: before and after the evaluation.
type Documents struct{ Before, After int }

// Count adds a document, with the matches before the evaluation and, where something was missing, after it.
func (r Reach) Count(before, after MatchSet) {
	for e, matched := range before {
		if r[e] == nil {
			r[e] = &Documents{}
		}
		if matched {
			r[e].Before++
		}
		if matched || after[e] {
			r[e].After++
		}
	}
}

// MatchSet holds for each assignment of an expression whether its left side matches anything in one document.
type MatchSet map[*yqlib.ExpressionNode]bool

// Assignments evaluates the left sides of the assignments in e on root, without changing anything.
func Assignments(root *yqlib.CandidateNode, e *yqlib.ExpressionNode) MatchSet {
	m, context := MatchSet{}, yqlib.Context{}
	m.walkAssignments(context.SingleReadonlyChildContext(root), e)
	return m
}

// IsComplete reports whether every assignment has matched something.
func (m MatchSet) IsComplete() bool {
	for _, matched := range m {
		if !matched {
			return false
		}
	}
	return true
}

// walkAssignments follows the operators that hand their input to assignments. It leaves alone what it does not know: an assignment
// that is not reached here is not judged.
func (m MatchSet) walkAssignments(context yqlib.Context, e *yqlib.ExpressionNode) {
	switch kind := operatorOf(e); {
	case kind == "PIPE" || kind == "SHORT_PIPE":
		m.walkPipe(context, e)
	case kind == "UNION":
		m.walkAssignments(context, e.LHS)
		m.walkAssignments(context, e.RHS)
	case kind == "WITH" && operatorOf(e.RHS) == "BLOCK":
		if next, ok := matchSelection(context, e.RHS.LHS); ok {
			m.walkAssignments(next, e.RHS.RHS)
		}
	case kind == "MAP":
		m.walkAssignments(childValues(context), e.RHS)
	case isAssignment(kind):
		if next, ok := matchSelection(context, e.LHS); ok {
			m[e] = m[e] || next.MatchingNodes.Len() > 0
			if e.Operation.UpdateAssign { // .list |= map(.tag = "x"): what is assigned below
				m.walkAssignments(next, e.RHS)
			}
		}
	}
}

// walkPipe walks the right side with what the left side hands on.
func (m MatchSet) walkPipe(context yqlib.Context, e *yqlib.ExpressionNode) {
	left := operatorOf(e.LHS)
	if operatorOf(e) == "PIPE" && left == "ASSIGN_VARIABLE" {
		if value, ok := matchSelection(context, e.LHS.LHS); ok {
			context.SetVariable(e.LHS.RHS.Operation.StringValue, value.MatchingNodes)
			m.walkAssignments(context, e.RHS)
		}
		return
	}
	m.walkAssignments(context, e.LHS)
	if isAssignment(left) || left == "WITH" {
		m.walkAssignments(context, e.RHS) // both give their input on
	} else if next, ok := matchSelection(context, e.LHS); ok {
		m.walkAssignments(next, e.RHS)
	}
}

// childValues is a context of the values in the maps and lists of another one.
func childValues(context yqlib.Context) yqlib.Context {
	all := list.New()
	for el := context.MatchingNodes.Front(); el != nil; el = el.Next() {
		n := el.Value.(*yqlib.CandidateNode)
		for i, child := range n.Content {
			if n.Kind != yqlib.MappingNode || i%2 == 1 {
				all.PushBack(child)
			}
		}
	}
	return context.ChildContext(all)
}

// matchSelection evaluates a selection. It does not try what might change the tree: that would happen twice.
func matchSelection(context yqlib.Context, e *yqlib.ExpressionNode) (yqlib.Context, bool) {
	if findNode(e, func(n *yqlib.ExpressionNode) bool { return !isSelection(n) }) != nil {
		return yqlib.Context{}, false
	}
	next, err := yqlib.NewDataTreeNavigator().GetMatchingNodes(context, e)
	next.DontAutoCreate = true
	return next, err == nil
}

// isSelection reports whether e itself is one of the operators that only read (names: yqlib/operation.go).
func isSelection(e *yqlib.ExpressionNode) bool {
	return slices.Contains([]string{
		"TRAVERSE_PATH", "TRAVERSE_ARRAY", "RECURSIVE_DESCENT", "SELF", "PIPE", "SHORT_PIPE", "UNION", "COLLECT", "EMPTY", "FIRST",
		"SELECT", "EQUALS", "NOT_EQUALS", "COMPARE", "AND", "OR", "NOT", "HAS", "CONTAINS", "TEST", "ALTERNATIVE", "ANY_CONDITION",
		"ALL_CONDITION", "LENGTH", "GET_KEY", "GET_PARENT", "GET_TAG", "GET_KIND", "GET_DOCUMENT_INDEX", "GET_VARIABLE", "VALUE",
		"STRING_INT",
	}, operatorOf(e)) && !(operatorOf(e) == "STRING_INT" && strings.Contains(e.Operation.StringValue, `\(`))
}
