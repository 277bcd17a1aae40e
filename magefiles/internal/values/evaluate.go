package values

import (
	"container/list"
	"errors"
	"log/slog"
	"sync"

	"github.com/mikefarah/yq/v4/pkg/yqlib"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// yq is held while yqlib parses and evaluates: both use package variables (its lexer rewrites the type of the envsubst
// operator while it reads an expression). Decoding and proving, which take nearly all of the time, run outside of it.
var yq sync.Mutex

// configureYq sets yqlib's package variables once. Expressions come from a file that others may write, so they get no
// access to the environment, to files and to processes. Merge keys follow YAML's rule that the map's own key wins.
var configureYq = sync.OnceFunc(func() {
	yqlib.GetLogger().SetSlogger(slog.New(slog.DiscardHandler))
	yqlib.GetLogger().SetLevel(slog.LevelError)
	yqlib.ConfiguredSecurityPreferences = yqlib.SecurityPreferences{DisableEnvOps: true, DisableFileOps: true}
	yqlib.ConfiguredYamlPreferences.FixMergeAnchorToSpec = true
	withoutXML(yqlib.XMLFormat)
	yqlib.XMLFormat = &yqlib.Format{} // by which yq would find the encoder in spite of the format's own
	yqlib.InitExpressionParser()
})

// withoutXML makes a format as it is in a binary without XML (the build tag yq_noxml of scripts/mage), so that an expression
// that yq reads only while it evaluates another, as in eval, does the same in every binary.
func withoutXML(format *yqlib.Format) {
	format.EncoderFactory = func() yqlib.Encoder { return nil }
	format.DecoderFactory = func() yqlib.Decoder { return nil }
}

// evaluate runs each expression on each document, as yq does. It changes the documents' trees. Expressions that cannot be
// read or run are its error, all at once. An expression that sets nothing is a problem of its own, which is returned
// apart: what the tree has become may say better what is wrong.
func evaluate(src *source, docs []*document, expressions []string) (unreached []error, err error) {
	configureYq()
	yq.Lock()
	defer yq.Unlock()
	var failures []error
	for i, text := range expressions {
		e, err := parse(text, src.doc)
		if err != nil {
			failures = append(failures, err)
			continue
		}
		missed, err := e.run(docs)
		if err != nil && problem.As(err) == nil {
			err = e.failed(docs, err)
		}
		if err != nil {
			return nil, together(append(failures, err)...)
		}
		if settle(docs, i) == 0 {
			missed = noTarget(docs, text)
		}
		if missed != nil {
			unreached = append(unreached, missed)
		}
	}
	return unreached, together(failures...)
}

// run evaluates e on every document, and takes over what becomes of those that it selects. missed says that one of its
// assignments sets nothing.
func (e *expression) run(docs []*document) (missed, err error) {
	defer recovered(&err)
	reached, selected := reach{}, 0
	for _, d := range docs {
		before := assignments(d.evaluated, e.root)
		result, err := yqlib.NewDataTreeNavigator().GetMatchingNodes(yqlib.Context{MatchingNodes: d.evaluated.AsList()}, e.root)
		if err != nil {
			return nil, e.failed(docs, err)
		}
		if result.MatchingNodes.Len() > 0 {
			selected++
			if err := e.adopt(d, result.MatchingNodes); err != nil {
				return nil, err
			}
		}
		var after matches
		if !before.complete() { // for the keys that the evaluation has made
			after = assignments(d.evaluated, e.root)
		}
		reached.count(before, after)
	}
	if selected == 0 {
		return nil, problem.New(problem.Refused, "correct the selection; documents are counted from 0",
			"evaluating the yq expression %#q: it selects none of the file's documents", e.text)
	}
	return e.judge(docs, reached)
}

// failed wraps what yq says, unless it quotes the file.
func (e *expression) failed(docs []*document, err error) error {
	if quotes(docs, e.text, err.Error()) {
		err = errors.New("yq's own words quote a value of the file, and are left out")
	}
	return problem.New(problem.Refused, "compare the expression with the file", "evaluating the yq expression %#q: %w", e.text, err)
}

// judge refuses an expression of which an assignment sets something in several documents, and finds one that sets nothing.
func (e *expression) judge(docs []*document, reached reach) (missed, err error) {
	for _, documents := range reached {
		switch {
		case documents.after == 0:
			missed = noTarget(docs, e.text)
		case documents.before > 1:
			return nil, problem.New(problem.Refused, "select one of them: select(documentIndex == 0) | .path = \"value\"",
				"evaluating the yq expression %#q: it sets values in %d documents of the file", e.text, documents.before)
		}
	}
	return missed, nil
}

// adopt takes over the result of e as the new tree of d.
func (e *expression) adopt(d *document, result *list.List) error {
	root := result.Front().Value.(*yqlib.CandidateNode)
	if result.Len() > 1 || root.Parent != nil || root.Kind != d.evaluated.Kind {
		return problem.New(problem.Refused, "an edit is written like .path.to.key = \"value\";\n"+
			"with a selection, put its left side in parentheses: (.path[] | select(.name == \"x\") | .key) = \"value\"",
			"evaluating the yq expression %#q: it would replace the whole file by what it selects", e.text)
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
