package report_test

import (
	"bytes"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// element finds what a browser takes for the beginning of an element, a comment or an instruction.
var element = regexp.MustCompile(`<[/!?]?[A-Za-z-][A-Za-z0-9-]*`)

// tags are those of the page of a failed run whose texts are all the given one.
func tags(t *testing.T, text string) []string {
	t.Helper()
	r := report.Report{
		Command: report.CommandRelease, Outcome: report.Failed, Service: text, Environment: text,
		Commit: report.Commit{SHA: "a1b2c3d4e5f60718a1b2c3d4e5f60718a1b2c3d4", Title: text, Author: text, Branch: text},
		Stages: []report.Timing{{Name: text, Outcome: report.Failed, Note: text}},
	}
	r.Fail(errors.New("building: " + text))
	r.Next = text
	var b bytes.Buffer
	if err := report.Page(&b, r, "en"); err != nil {
		t.Fatal(err)
	}
	return element.FindAllString(b.String(), -1)
}

// FuzzPage holds the page of hostile text against that of plain text: it has the same elements.
func FuzzPage(f *testing.F) {
	for _, text := range []string{
		evil, "</td><script>alert(1)</script>", "\"><img src=x onerror=y>", "<!-- ", "</style><style>", "javascript:alert(1)", "&lt;b&gt;", "'\"`${x}{{.}}", "a<b",
	} {
		f.Add(text)
	}
	plain := []string(nil)
	f.Fuzz(func(t *testing.T, text string) {
		text = "x" + strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), " ") + "x" // one line, and not empty
		if plain == nil {
			plain = tags(t, "xx")
		}
		if got := tags(t, text); !slices.Equal(got, plain) {
			t.Errorf("%q has %q, want %q", text, got, plain)
		}
	})
}

// What a commit's author or a file of the deployment repository says commands no runner by way of standard output.
func TestAttackStandardOutput(t *testing.T) {
	r := report.Report{Command: report.CommandHold, Outcome: report.Done, Holds: []report.Hold{
		{Component: "core", Repository: "acme/deployment", Branch: "main", By: "x ##[add-mask]sha256", Until: "lift", Reason: "::stop-commands::x\n::add-mask::y\x1b[2J"},
	}}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"lines": func(b *bytes.Buffer) error { return report.Lines(b, r) },
		"json":  func(b *bytes.Buffer) error { return report.WriteJSON(b, r) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		out := b.String()
		if strings.Contains(out, "##[") || strings.Contains(out, "\x1b") || regexp.MustCompile(`(?m)^\s*::`).MatchString(out) || !strings.Contains(out, "add-mask") {
			t.Errorf("%s: %q", name, out)
		}
	}
}

// Commands of `prepare` cannot speak to the runner or the terminal, however they cut their output.
func TestAttackCommandOutput(t *testing.T) {
	for _, mode := range modes {
		out := render(mode.options, func(c *report.Console, _ *clock) {
			stage := c.Stage("prepare")
			w := stage.Writer()
			for _, piece := range []string{"ok\n:", ":add-mask::x\nprogress\r::error::y\r\n", "a #", "#[set-env name=X]y\n\x1b]0;ti", "tle\x07\x1b[2", "Jend ::", "group::z"} {
				_, _ = w.Write([]byte(piece))
			}
			stage.Done("")
		})
		if !mode.options.Color { // the console's own colours
			harmless(t, mode.name, out)
		}
		if strings.Contains(out, "title") || !strings.Contains(out, "end ::group::z") {
			t.Errorf("%s: %q", mode.name, out)
		}
		if mode.options.GitHub {
			noCommands(t, out)
		}
	}
}
