package yq_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// TestAnExpressionThatMayNotRunIsRefused puts what an edit may not use into each place of an expression.
func TestAnExpressionThatMayNotRunIsRefused(t *testing.T) {
	const doc = "a: b\n"
	for part, c := range map[string]struct {
		status int
		says   string
	}{
		`.a line_comment="x"`: {problem.Refused, "more than values"},
		`.a style="double"`:   {problem.Refused, "more than values"},
		`.a anchor="x"`:       {problem.Refused, "more than values"},
		`.a alias="x"`:        {problem.Refused, "more than values"},
		`.a | to_xml`:         {problem.Usage, "XML"},
		`.a | @xml`:           {problem.Usage, "XML"},
		`.a | from_xml`:       {problem.Usage, "XML"},
		`.a | @xmld`:          {problem.Usage, "XML"},
		`.a[6]`:               {problem.Refused, "larger than the whole file"},
		`.a[0x7fffffff]`:      {problem.Refused, "larger than the whole file"},
		`.a[0, 1000000]`:      {problem.Refused, "larger than the whole file"},
		`.1000000`:            {problem.Refused, "larger than the whole file"},
	} {
		for _, form := range []string{"%s", "(%s)", ".a = \"x\" | (%s)", "(%s) | .a", "with(.a; %s)", "[%s]", ".b |= (%s)", "select((%s) == 1)"} {
			expression := fmt.Sprintf(form, part)
			unlock := yq.Lock()
			_, err := yq.Parse(expression, []byte(doc))
			unlock()
			p := problem.As(err)
			if p == nil || p.Status != c.status || p.Remedy == "" || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", expression, err)
			}
		}
	}
}

func TestAnExpressionThatMayRunIsRead(t *testing.T) {
	for _, c := range []struct{ expression, doc string }{
		{`.a[5] = "x"`, "a: b\n"},
		{`.["1000000"] = "x"`, "1000000: b\n"},
		{`.1000000 = "x"`, "1000000: b\n"},
		{`.a[-1000000] = "x"`, "a: b\n"},
		{`.a = "env(HOME) | load(x) | to_xml"`, "a: b\n"},
		{`.a = 1000000`, "a: b\n"},
		{`.a |= to_json`, "a: b\n"},
	} {
		unlock := yq.Lock()
		e, err := yq.Parse(c.expression, []byte(c.doc))
		unlock()
		if err != nil || e.Text != c.expression || e.Root == nil {
			t.Errorf("%s: %v", c.expression, err)
		}
	}
}

func TestTextThatIsNoExpressionIsRefused(t *testing.T) {
	for _, text := range []string{
		"", " ", "\n", ".a = ", "(.a", ".a)", ".a = \"x", "\xff", ".a = \"\xc3\"", "|", "=", "# note", ".a[99999999999999999999]",
	} {
		unlock := yq.Lock()
		_, err := yq.Parse(text, []byte("a: b\n"))
		unlock()
		if p := problem.As(err); p == nil || p.Status != problem.Usage || p.Remedy == "" {
			t.Errorf("%q: %v", text, err)
		}
	}
}
