package chromium

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// WantQuiet fails the test where the page asks for anything but itself, or complains.
func (p *Page) WantQuiet(address string) {
	p.t.Helper()
	if got := p.Requests(); !slices.Equal(got, []string{address}) {
		p.t.Errorf("the page asked for %q", got)
	}
	if got := p.Complaints(); len(got) > 0 {
		p.t.Errorf("the page complains: %s", strings.Join(got, "\n"))
	}
}

// WantNothingWide fails the test where a reader would have to scroll sideways.
func (p *Page) WantNothingWide() {
	p.t.Helper()
	var over int
	if p.Evaluate("document.documentElement.scrollWidth - innerWidth", &over); over > 0 {
		p.t.Errorf("the page is %d pixels wider than the screen", over)
	}
}

// WantAccessible runs axe-core, whose script it is given, in the page.
func (p *Page) WantAccessible(axe string) {
	p.t.Helper()
	p.Evaluate(axe+"\n;0", nil)
	var result struct {
		Passes     int
		Violations []string
	}
	p.Evaluate(`axe.run().then(r => ({passes: r.passes.length, violations: r.violations.map(v =>
		v.id + ': ' + v.help + ' ' +
		v.nodes.map(n => n.target + ' ' + n.failureSummary).join('; '))}))`, &result)
	if result.Passes < 20 {
		p.t.Errorf("axe-core looked at %d rules only", result.Passes)
	}
	for _, v := range result.Violations {
		p.t.Error(v)
	}
}

// Keep leaves a picture for people in the directory that TEST_SCREENSHOTS names.
func (p *Page) Keep(name string) {
	p.t.Helper()
	if dir := os.Getenv("TEST_SCREENSHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), p.Screenshot(), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
}
