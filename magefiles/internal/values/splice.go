package values

import (
	"cmp"
	"slices"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// replacement puts text over a range of bytes of the file.
type replacement struct {
	span
	text     string
	whole    bool // one plain or quoted scalar is replaced by another: by what they read as,
	old, new string
}

// splice gives doc with the replacements made, which are sorted and do not overlap; doc itself when there are none.
func splice(doc []byte, replacements []replacement) []byte {
	if len(replacements) == 0 {
		return doc
	}
	size := len(doc)
	for _, r := range replacements {
		size += len(r.text) - (r.end - r.start)
	}
	edited, done := make([]byte, 0, max(size, 0)), 0
	for _, r := range replacements {
		edited = append(edited, doc[done:max(r.start, done)]...)
		edited = append(edited, r.text...)
		done = r.end
	}
	return append(edited, doc[done:]...)
}

// replacements are all that has to be written over the file, in its order.
func (c *comparison) replacements() ([]replacement, error) {
	var all []replacement
	for _, s := range c.settings {
		if s.node.Value == s.to.Value {
			continue
		}
		made, err := c.src.replace(s)
		if err != nil {
			return nil, problem.New(problem.Refused, "write the value in quotes on the line of its key in the file once",
				"setting %s: %w", shown(s.to), err).At(c.src.place(s.where.key(), s.node))
		}
		all = append(all, made...)
	}
	for _, a := range c.additions {
		made, err := c.src.insert(a)
		if err != nil {
			return nil, problem.New(problem.Refused, "add the key to the file by hand once",
				"adding %s: %w", shown(a.value), err).At(c.src.place(a.where.key(), nil))
		}
		all = append(all, made)
	}
	slices.SortStableFunc(all, func(a, b replacement) int { return cmp.Compare(a.start, b.start) })
	return all, nil
}

// replace writes a setting's value in the style that the scalar has.
func (s *source) replace(set *setting) ([]replacement, error) {
	found, err := s.scalar(set.node)
	if err != nil {
		return nil, err
	}
	if set.inside {
		return s.replaceInside(found.start, set.node.Value, set.inner)
	}
	if set.node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return s.replaceBlock(found.start, set.to.Value)
	}
	return []replacement{{
		span: found, text: render(set.to.Value, set.node.Style, set.where.inFlow()),
		whole: true, old: set.node.Value, new: set.to.Value,
	}}, nil
}
