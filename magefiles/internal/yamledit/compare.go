package yamledit

import (
	"slices"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
)

// comparison walks the written and the evaluated tree side by side and collects what the expressions do.
type comparison struct {
	refusals  refusals
	src       *source.Text
	policy    policy
	documents []*document

	settings  []*scalarSetting
	additions []*keyAddition
	aliases   []*aliasPlace
	keyLines  map[*yaml.Node]map[string][]int // see linesOfKeys
	problems  []error                         // all that is wrong, in the order of the file
}

// scalarSetting is one existing scalar that the expressions assign.
type scalarSetting struct {
	node   *yaml.Node
	to     *yqlib.CandidateNode
	where  nodePath
	shared []string // other places that repeat it
	inside bool     // only replacements of its text, which is YAML itself, are written
	inner  []source.Replacement
}

// keyAddition is one key that the expressions add to an existing map.
type keyAddition struct {
	parent     *yaml.Node
	key, value *yqlib.CandidateNode
	where      nodePath // of the parent
	line       int      // before which it goes
}

// aliasPlace is one place that repeats an anchored node.
type aliasPlace struct {
	node *yaml.Node
	as   *yqlib.CandidateNode
}

// compareTrees collects the settings and additions, and refuses every other effect: all mistakes at once.
func compareTrees(src *source.Text, docs []*document, p policy) (*comparison, error) {
	c := &comparison{
		refusals: refusals{src: src, documents: docs}, src: src, policy: p, documents: docs, keyLines: map[*yaml.Node]map[string][]int{},
	}
	for _, d := range docs {
		before := len(c.settings) + len(c.additions)
		c.compareNode(nil, d.written, d.evaluated)
		touched := len(c.settings)+len(c.additions) > before
		if !d.selected && touched {
			c.addProblem(droppedChange(d))
		}
		if touched {
			c.addProblem(c.checkSeals(d, c.settings[min(before, len(c.settings)):]))
		}
	}
	c.checkUnaliased()
	return c, joinProblems(c.problems...)
}

// addProblem remembers a mistake, if it is one.
func (c *comparison) addProblem(err error) {
	if err != nil {
		c.problems = append(c.problems, err)
	}
}

func (c *comparison) compareNode(where nodePath, was *yaml.Node, is *yqlib.CandidateNode) {
	if kindOf(was) != is.Kind {
		c.addProblem(c.refusals.otherKind(where, was, is))
		return
	}
	switch was.Kind {
	case yaml.MappingNode:
		c.compareMapping(where, was, is)
	case yaml.SequenceNode:
		c.compareSequence(where, was, is)
	case yaml.AliasNode:
		if was.Value != is.Value {
			c.addProblem(c.refusals.otherKind(where, was, is))
			return
		}
		c.aliases = append(c.aliases, &aliasPlace{node: was, as: is})
	default:
		c.compareScalar(where, was, is)
	}
}

func (c *comparison) compareMapping(where nodePath, was *yaml.Node, is *yqlib.CandidateNode) {
	kept := 0
	for kept < min(len(was.Content), len(is.Content)) && isSame(was.Content[kept], is.Content[kept]) {
		kept += 2
	}
	switch {
	case kept < len(was.Content):
		c.addProblem(c.refusals.otherKeys(where, was, is))
		return
	case kept < len(is.Content):
		c.addKeys(where, was, is, kept)
	}
	for i := 0; i < kept; i += 2 {
		c.compareNode(append(where, pathElement{was, was.Content[i]}), was.Content[i+1], is.Content[i+1])
	}
}

func (c *comparison) compareSequence(where nodePath, was *yaml.Node, is *yqlib.CandidateNode) {
	if len(was.Content) != len(is.Content) || isReordered(was, is) {
		c.addProblem(c.refusals.otherItems(where, was, is))
		return
	}
	for i, item := range was.Content {
		c.compareNode(append(where, pathElement{collection: was}), item, is.Content[i])
	}
}

func (c *comparison) compareScalar(where nodePath, was *yaml.Node, is *yqlib.CandidateNode) {
	changed := was.Value != is.Value || was.Tag != is.Tag
	if !changed && (was.Tag != source.StringTag || !isAssigned(is)) {
		return
	}
	set := &scalarSetting{node: was, to: is, where: slices.Clone(where), inside: isInside(was, is)}
	if set.inside {
		var err error
		if set.inner, err = c.editInside(was, is); err != nil {
			c.addProblem(c.refusals.notInside(where, was, is, err))
			return
		}
	}
	if err := c.checkAssignable(set); err != nil {
		c.addProblem(err)
		return
	}
	c.settings = append(c.settings, set)
}

// isAssigned reports whether an expression has assigned n, be it the value that it had: yq's assignment replaces the
// content, which the reader leaves nil in a scalar, and copies the hint of the assigned value.
func isAssigned(n *yqlib.CandidateNode) bool {
	return n.Content != nil || n.EncodeHint != untouchedHint
}

// isReordered reports whether an item of the list now stands where another one was; yq's nodes keep the position that
// they were read from.
func isReordered(was *yaml.Node, is *yqlib.CandidateNode) bool {
	type position struct{ line, column int }
	var from map[position]bool
	for i, item := range is.Content {
		if item.Line == 0 || item.Line == was.Content[i].Line && item.Column == was.Content[i].Column {
			continue
		}
		if from == nil {
			from = map[position]bool{}
			for _, n := range was.Content {
				from[position{n.Line, n.Column}] = true
			}
		}
		if from[position{item.Line, item.Column}] {
			return true
		}
	}
	return false
}

// isSame reports whether both trees are equal, comments and styles aside.
func isSame(n *yaml.Node, c *yqlib.CandidateNode) bool {
	if kindOf(n) != c.Kind || n.Value != c.Value || len(n.Content) != len(c.Content) {
		return false
	}
	if n.Tag != c.Tag && n.Kind != yaml.AliasNode {
		return false
	}
	for i := range n.Content {
		if !isSame(n.Content[i], c.Content[i]) {
			return false
		}
	}
	return true
}

func kindOf(n *yaml.Node) yqlib.Kind {
	switch n.Kind {
	case yaml.MappingNode:
		return yqlib.MappingNode
	case yaml.SequenceNode:
		return yqlib.SequenceNode
	case yaml.AliasNode:
		return yqlib.AliasNode
	default:
		return yqlib.ScalarNode
	}
}
