package yamledit

import (
	"container/list"
	"errors"
	"slices"

	"github.com/mikefarah/yq/v4/pkg/yqlib"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// evaluateAll runs each expression on each document, as yq does. It changes the documents' trees. Expressions that cannot be
// read or run are its error, all at once. An expression that sets nothing is a problem of its own, which is returned
// apart: what the tree has become may say better what is wrong.
func evaluateAll(src *source.Text, docs []*document, expressions []string) (unreached []error, err error) {
	defer yq.Lock()()
	var failures []error
	for i, text := range expressions {
		e, err := yq.Parse(text, src.Bytes())
		if err != nil {
			failures = append(failures, err)
			continue
		}
		missed, err := runExpression(e, docs)
		if err != nil && problem.As(err) == nil {
			err = failedEvaluation(e, docs, err)
		}
		if err != nil {
			return nil, joinProblems(append(failures, err)...)
		}
		if markAssigned(docs, i) == 0 {
			missed = noTarget(docs, text)
		}
		if missed != nil {
			unreached = append(unreached, missed)
		}
	}
	return unreached, joinProblems(failures...)
}

// runExpression evaluates e on every document, and takes over what becomes of those that it selects. missed says that one of its
// assignments sets nothing.
func runExpression(e *yq.Expression, docs []*document) (missed, err error) {
	defer yq.Recover(&err)
	reached, selected := yq.Reach{}, 0
	for _, d := range docs {
		before := yq.Assignments(d.evaluated, e.Root)
		result, err := yqlib.NewDataTreeNavigator().GetMatchingNodes(yqlib.Context{MatchingNodes: d.evaluated.AsList()}, e.Root)
		if err != nil {
			return nil, failedEvaluation(e, docs, err)
		}
		if result.MatchingNodes.Len() > 0 {
			selected++
			if err := adoptResult(e, d, result.MatchingNodes); err != nil {
				return nil, err
			}
		}
		var after yq.MatchSet
		if !before.IsComplete() { // for the keys that the evaluation has made
			after = yq.Assignments(d.evaluated, e.Root)
		}
		reached.Count(before, after)
	}
	if selected == 0 {
		return nil, problem.New(problem.Refused, "correct the selection; documents are counted from 0",
			"evaluating the yq expression %#q: it selects none of the file's documents", e.Text)
	}
	return checkReach(e, docs, reached)
}

// failedEvaluation wraps what yq says, unless it quotes the file.
func failedEvaluation(e *yq.Expression, docs []*document, err error) error {
	isQuoted := func(d *document) bool { return yq.Quotes(d.evaluated, e.Text, err.Error()) }
	if slices.ContainsFunc(docs, isQuoted) {
		err = errors.New("yq's own words quote a value of the file, and are left out")
	}
	return problem.New(problem.Refused, "compare the expression with the file", "evaluating the yq expression %#q: %w", e.Text, err)
}

// checkReach refuses an expression of which an assignment sets something in several documents, and finds one that sets nothing.
func checkReach(e *yq.Expression, docs []*document, reached yq.Reach) (missed, err error) {
	for _, documents := range reached {
		switch {
		case documents.After == 0:
			missed = noTarget(docs, e.Text)
		case documents.Before > 1:
			return nil, problem.New(problem.Refused, "select one of them: select(documentIndex == 0) | .path = \"value\"",
				"evaluating the yq expression %#q: it sets values in %d documents of the file", e.Text, documents.Before)
		}
	}
	return missed, nil
}

// adoptResult takes over the result of e as the new tree of d.
func adoptResult(e *yq.Expression, d *document, result *list.List) error {
	root := result.Front().Value.(*yqlib.CandidateNode)
	if result.Len() > 1 || root.Parent != nil || root.Kind != d.evaluated.Kind {
		return problem.New(problem.Refused, "an edit is written like .path.to.key = \"value\";\n"+
			"with a selection, put its left side in parentheses: (.path[] | select(.name == \"x\") | .key) = \"value\"",
			"evaluating the yq expression %#q: it would replace the whole file by what it selects", e.Text)
	}
	d.evaluated, d.selected = root, true
	return nil
}

// noTarget refuses an expression that is well formed and sets nothing: a typing mistake that would deploy nothing.
func noTarget(docs []*document, expression string) error {
	remedy := "an edit is written like .path.to.key = \"value\";\n" +
		"if it is, its path leads through a value that is not a map, or a select in it matches nothing"
	if hint := notValues(docs); hint != "" {
		remedy = hint
	}
	return problem.New(problem.Refused, remedy, "evaluating the yq expression %#q: nothing in the file is set by it", expression)
}
