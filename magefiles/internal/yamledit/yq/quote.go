package yq

import (
	"strings"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
)

// shortestSecret is the length from which a word of a value is recognised in a message.
const shortestSecret = 4

// Quotes reports whether a message has a word of any value below a root that the expression does not have itself.
func Quotes(root *yqlib.CandidateNode, expression, message string) bool {
	found := false
	var visit func(n *yqlib.CandidateNode)
	visit = func(n *yqlib.CandidateNode) {
		if n.Kind == yqlib.ScalarNode && !found {
			for word := range strings.FieldsFuncSeq(n.Value, isPunctuation) {
				found = found || len(word) >= shortestSecret && strings.Contains(message, word) && !strings.Contains(expression, word)
			}
		}
		for i, child := range n.Content {
			if n.Kind != yqlib.MappingNode || i%2 == 1 {
				visit(child)
			}
		}
	}
	visit(root)
	return found
}

// isPunctuation reports whether r separates words, also in JSON, URLs and lists.
func isPunctuation(r rune) bool { return strings.ContainsRune(" \t\r\n\"'`,;:=/@{}[]()<>&?", r) }
