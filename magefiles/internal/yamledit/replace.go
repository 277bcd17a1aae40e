package yamledit

import (
	"cmp"
	"slices"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// replacements are all that has to be written over the file, in its order.
func (c *comparison) replacements() ([]source.Replacement, error) {
	var all []source.Replacement
	for _, s := range c.settings {
		if s.node.Value == s.to.Value {
			continue
		}
		made, err := replaceScalar(c.src, s)
		if err != nil {
			return nil, problem.New(problem.Refused, "write the value in quotes on the line of its key in the file once",
				"setting %s: %w", yq.Shown(s.to), err).At(c.src.Place(s.where.lastKey(), s.node))
		}
		all = append(all, made...)
	}
	for _, a := range c.additions {
		made, line, err := c.src.Insert(a.parent, a.key.Value, a.value.Value)
		a.line = line
		if err != nil {
			return nil, problem.New(problem.Refused, "add the key to the file by hand once",
				"adding %s: %w", yq.Shown(a.value), err).At(c.src.Place(a.where.lastKey(), nil))
		}
		all = append(all, made)
	}
	slices.SortStableFunc(all, func(a, b source.Replacement) int { return cmp.Compare(a.Start, b.Start) })
	return all, nil
}

// replaceScalar writes a setting's value in the style that the scalar has.
func replaceScalar(src *source.Text, set *scalarSetting) ([]source.Replacement, error) {
	found, err := src.Scalar(set.node)
	if err != nil {
		return nil, err
	}
	if set.inside {
		return src.ReplaceInside(found.Start, set.node.Value, set.inner)
	}
	if set.node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return src.ReplaceBlock(found.Start, set.to.Value)
	}
	return []source.Replacement{{
		Span: found, Text: source.Render(set.to.Value, set.node.Style, set.where.inFlow()),
		Whole: true, Old: set.node.Value, New: set.to.Value,
	}}, nil
}
