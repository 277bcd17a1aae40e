package report_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// evil tries to colour, to move the cursor, to reorder text, to run a workflow command and to leave a markdown table.
const evil = "::error::x\x1b[31m\r\n::add-mask::y\u202e ##[error]z | </td> ``` <script> @team\x07\u009b"

// deepest is how far fill goes: errors and images hold some of their own type.
const deepest = 12

// fill sets every string below v to evil and gives every slice, map and pointer one element.
func fill(v reflect.Value) { fillTo(v, deepest) }

func fillTo(v reflect.Value, depth int) {
	if depth == 0 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(evil)
	case reflect.Struct:
		if v.Type() == reflect.TypeOf(sampleTime) {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillTo(v.Field(i), depth-1)
			}
		}
	case reflect.Slice:
		if v.Type().Elem() == v.Type() || v.Len() > 0 {
			return
		}
		element := reflect.New(v.Type().Elem()).Elem()
		fillTo(element, depth-1)
		v.Set(reflect.Append(v, element))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillTo(v.Elem(), depth-1)
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	}
}

// What others wrote, in whatever field it arrives, never acts on the reader's terminal, the workflow or the page.
func TestHostileText(t *testing.T) {
	var r report.Report
	fill(reflect.ValueOf(&r).Elem())
	var p plan.Plan
	fill(reflect.ValueOf(&p).Elem())
	actions := []plan.Action{{Component: evil, Do: evil, Why: evil}}
	err := problem.New(problem.Failed, evil, "%s", evil).At(problem.Place{File: evil, Line: 1, Column: 1, Snippet: evil})

	for _, mode := range modes {
		mode.options.Color = false
		out := render(mode.options, func(c *report.Console, _ *clock) {
			c.Plan(p, actions)
			c.Stage(evil).Done(evil)
			c.Stage(evil).Fail(err)
			c.Note(evil)
			c.Warn(evil)
			for _, outcome := range []report.Outcome{report.Done, report.NothingToDo, report.Failed} {
				r.Outcome = outcome
				c.Finish(r)
			}
			c.Error(err)
		})
		harmless(t, mode.name, out)
		if mode.options.GitHub {
			noCommands(t, out)
		}
	}
	var summary bytes.Buffer
	if err := report.Summary(&summary, r); err != nil {
		t.Fatal(err)
	}
	harmless(t, "summary", summary.String())
	outsideFences(t, summary.String())
}

func harmless(t *testing.T, name, out string) {
	t.Helper()
	for _, r := range out {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\b' || unicode.Is(unicode.Bidi_Control, r) {
			t.Errorf("%s: control character %U in %q", name, r, out)
			return
		}
	}
}

func noCommands(t *testing.T, out string) {
	t.Helper()
	for line := range strings.Lines(out) {
		if strings.Contains(line, "##[") && !strings.HasPrefix(line, "::") {
			t.Errorf("a command of the old form: %q", line)
		}
		if trimmed := strings.TrimLeft(line, " \t"); strings.HasPrefix(trimmed, "::") {
			name, _, _ := strings.Cut(strings.TrimPrefix(trimmed, "::"), "::")
			switch name, _, _ = strings.Cut(name, " "); name {
			case "group", "endgroup", "warning":
			case "error":
				if !strings.HasPrefix(trimmed, "::error line=1,col=1,") && !strings.HasPrefix(trimmed, "::error title=") {
					t.Errorf("an annotation that is not ours: %q", line)
				}
			default:
				t.Errorf("a command that is not ours: %q", line)
			}
		}
	}
}

// outsideFences checks that markup of others stands in code blocks only.
func outsideFences(t *testing.T, markdown string) {
	t.Helper()
	fence := ""
	for line := range strings.Lines(markdown) {
		line = strings.TrimSuffix(line, "\n")
		ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3:
			fence = ticks
		case fence != "" && line == fence:
			fence = ""
		case fence == "" && strings.Contains(line, "<script>"):
			t.Errorf("markup of others outside a code block: %q", line)
		}
	}
	if fence != "" {
		t.Error("a code block stays open")
	}
}
