package yq

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mikefarah/yq/v4/pkg/yqlib"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Expression is a parsed yq expression that may run on a file.
type Expression struct {
	Text string
	Root *yqlib.ExpressionNode
}

// Parse reads an expression that is meant for doc.
func Parse(text string, doc []byte) (*Expression, error) {
	root, err := parseRecovered(text)
	if err != nil {
		return nil, problem.New(problem.Usage, "an edit is written like .path.to.key = \"value\"; try it on the file with yq itself",
			"parsing the yq expression %#q: %w", text, err)
	}
	if findNode(root, isForbidden) != nil {
		return nil, problem.New(problem.Usage,
			"write the value into the expression; templates such as {{ .Tag }} are filled in before yq sees it",
			"checking the yq expression %#q: it may not read the environment or files, nor start processes", text)
	}
	if findNode(root, isXML) != nil {
		return nil, problem.New(problem.Usage, "read and write YAML, JSON or properties in the expression",
			"checking the yq expression %#q: yq's XML operators are left out of the targets", text)
	}
	if findNode(root, isCosmetic) != nil {
		return nil, problem.New(problem.Refused, "leave comments, styles, anchors and aliases to the file",
			"checking the yq expression %#q: it would change more than values", text)
	}
	if findNode(root, func(e *yqlib.ExpressionNode) bool { return isBeyond(e, doc) }) != nil {
		return nil, problem.New(problem.Refused, "correct the index",
			"checking the yq expression %#q: its index is larger than the whole file", text)
	}
	return &Expression{Text: text, Root: root}, nil
}

func parseRecovered(text string) (root *yqlib.ExpressionNode, err error) {
	defer Recover(&err)
	if !utf8.ValidString(text) {
		return nil, errors.New("it is not valid UTF-8")
	}
	root, err = yqlib.ExpressionParser.ParseExpression(text)
	if err == nil && root == nil {
		err = errors.New("it is empty")
	}
	return root, err
}

// operatorOf is yq's name of e's operator (yqlib/operation.go), "" for none.
func operatorOf(e *yqlib.ExpressionNode) string {
	if e == nil || e.Operation == nil || e.Operation.OperationType == nil {
		return ""
	}
	return e.Operation.OperationType.Type
}

func isAssignment(operator string) bool {
	switch operator {
	case "ASSIGN", "ADD_ASSIGN", "SUBTRACT_ASSIGN", "MULTIPLY_ASSIGN":
		return true
	}
	return false
}

// isForbidden finds the operators that yq's security preferences turn off, so that they fail before the evaluation.
func isForbidden(e *yqlib.ExpressionNode) bool {
	kind := operatorOf(e)
	return kind == "ENV" || kind == "SYSTEM" || strings.HasPrefix(kind, "ENVSUBST") || strings.HasPrefix(kind, "LOAD")
}

// isXML finds the operators whose format is missing where scripts/mage compiles the targets (configure).
func isXML(e *yqlib.ExpressionNode) bool {
	kind := operatorOf(e)
	return (kind == "ENCODE" || kind == "DECODE") && strings.Contains(e.Operation.StringValue, "xml")
}

// isCosmetic finds the operators whose effect is not seen in the values.
func isCosmetic(e *yqlib.ExpressionNode) bool {
	switch operatorOf(e) {
	case "ASSIGN_COMMENT", "ASSIGN_STYLE", "ASSIGN_ANCHOR", "ASSIGN_ALIAS":
		return true
	}
	return false
}

// isBeyond finds an array index that doc cannot have: yq fills an array up to the index, however large that is. A
// number that doc contains may be the key of a map.
func isBeyond(e *yqlib.ExpressionNode, doc []byte) bool {
	beyond := func(n *yqlib.ExpressionNode) bool {
		text := n.Operation.StringValue
		i, err := strconv.ParseInt(text, 0, 64)
		return (err == nil || errors.Is(err, strconv.ErrRange)) && i > int64(len(doc)) && !bytes.Contains(doc, []byte(text))
	}
	switch operatorOf(e) {
	case "TRAVERSE_ARRAY":
		return findNode(e.RHS, beyond) != nil
	case "TRAVERSE_PATH":
		return beyond(e)
	}
	return false
}

// findNode returns the first node of e, parents first, for which matches says yes.
func findNode(e *yqlib.ExpressionNode, matches func(*yqlib.ExpressionNode) bool) *yqlib.ExpressionNode {
	if operatorOf(e) == "" {
		return nil
	}
	if matches(e) {
		return e
	}
	if found := findNode(e.LHS, matches); found != nil {
		return found
	}
	return findNode(e.RHS, matches)
}
