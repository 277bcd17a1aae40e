package yq

import (
	"strings"
	"unicode"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
)

// Shown is the path of n as it is written in an expression, "." for the root. (Change.Path is yq's own spelling, which is
// no expression where a key has dots.)
func Shown(n *yqlib.CandidateNode) string {
	if path := PathOf(n); path != "" {
		return path
	}
	return "."
}

// PathOf is Shown with "" for the root.
func PathOf(n *yqlib.CandidateNode) string {
	if n.Parent == nil || n.Key == nil {
		return ""
	}
	path, key := PathOf(n.Parent), n.Key.Value
	switch {
	case n.Parent.Kind == yqlib.SequenceNode && path == "":
		return ".[" + key + "]"
	case n.Parent.Kind == yqlib.SequenceNode:
		return path + "[" + key + "]"
	case isWord(key):
		return path + "." + key
	default:
		return path + `.["` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(key) + `"]`
	}
}

// isWord reports whether a key needs no quotes in an expression.
func isWord(key string) bool {
	return key != "" && key[0] != '-' && !strings.ContainsFunc(key, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '_' && r != '-'
	})
}

// HolderOf is the map into which the alias n merges, or n itself where it is an ordinary value.
func HolderOf(n *yqlib.CandidateNode) *yqlib.CandidateNode {
	const merge = "!!merge"
	if list := n.Parent; list != nil && list.Kind == yqlib.SequenceNode && list.Key != nil && list.Key.Tag == merge {
		n = list // <<: [*a, *b]
	}
	if n.Key != nil && n.Key.Tag == merge && n.Parent != nil {
		return n.Parent
	}
	return n
}
