package yamledit

import (
	"fmt"
	"strings"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// checkAssignable checks that a scalar may be set: a string stays a string, the value is a plausible one, and the path means
// one place.
func (c *comparison) checkAssignable(s *scalarSetting) error {
	where, was, is := s.where, s.node, s.to
	if was.Tag != source.StringTag {
		return c.refusals.notString(where, was, is)
	}
	if is.Tag != source.StringTag {
		return c.refusals.notAssignable(where, was, is)
	}
	if s.inside {
		return c.checkUniqueKeys(where, is)
	}
	if err := c.policy.check(is.Value); err != nil {
		remedy := "check what fills in the expression's value"
		if strings.Contains(was.Value, "\n") && strings.Contains(is.Value, "\n") {
			remedy = useValuesObject
		}
		return problem.New(problem.Refused, remedy, "setting %s: %w", yq.Shown(is), err).At(c.src.Place(where.lastKey(), was))
	}
	return c.checkUniqueKeys(where, is)
}

// checkUniqueKeys refuses a path on which a key stands twice: yq sets the last one, other readers may take the first, and
// Helm's strict mode and Kubernetes refuse the file.
func (c *comparison) checkUniqueKeys(where nodePath, is *yqlib.CandidateNode) error {
	for _, s := range where {
		if s.key == nil {
			continue
		}
		if lines := c.linesOfKeys(s.collection)[s.key.Value]; len(lines) > 1 {
			return problem.New(problem.Refused, "delete all but one of them in the file",
				"setting %s: the key %q stands more than once in the same map, in lines %s", yq.Shown(is), s.key.Value, joinLines(lines)).
				At(c.src.Place(s.key, nil))
		}
	}
	return nil
}

// linesOfKeys returns the lines of every key of m. Each map is indexed once, since hundreds of settings may stand in it.
func (c *comparison) linesOfKeys(m *yaml.Node) map[string][]int {
	lines, known := c.keyLines[m]
	if !known {
		lines = make(map[string][]int, len(m.Content)/2)
		for i := 0; i < len(m.Content); i += 2 {
			if key := m.Content[i]; key.Kind == yaml.ScalarNode {
				lines[key.Value] = append(lines[key.Value], key.Line)
			}
		}
		c.keyLines[m] = lines
	}
	return lines
}

func joinLines(lines []int) string {
	text := make([]string, len(lines))
	for i, line := range lines {
		text[i] = fmt.Sprint(line)
	}
	return strings.Join(text, ", ")
}
