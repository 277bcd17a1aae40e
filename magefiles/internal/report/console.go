package report

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Options say what the reader of a console can see.
type Options struct {
	Terminal bool             // the live line is redrawn in place
	Color    bool             // escape sequences for colour; without it no escape byte is ever written
	GitHub   bool             // a GitHub workflow's log: folds and annotations, no live line
	Width    int              // columns; zero means 80
	Now      func() time.Time // nil means time.Now
}

// Console tells people what happens, usually on stderr. It is safe for concurrent use. Errors of the writer are dropped:
// a release does not fail because nobody is watching.
type Console struct {
	mu      sync.Mutex
	w       io.Writer
	o       Options
	style   style
	live    string // the line that is being redrawn, without colour; empty means none
	midLine bool   // a raw writer left the cursor inside a line
	used    bool   // something was written
	fold    *Stage // the stage whose ::group:: is open
	timings []Timing
}

// NewConsole gives a console that writes to w.
func NewConsole(w io.Writer, o Options) *Console {
	if o.Width <= 0 {
		o.Width = 80
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Terminal = o.Terminal && !o.GitHub
	return &Console{w: w, o: o, style: style{on: o.Color}}
}

// Header says what is about to be released, from where.
func (c *Console) Header(p plan.Plan) {
	title := c.style.bold(escape.Line(p.Service))
	if p.Environment != "" {
		title += " to " + c.style.bold(escape.Line(p.Environment))
	}
	commit := NewCommit(p.Commit)
	lines := []string{
		title,
		c.field("commit", c.style.cyan(commit.ShortSHA())+" "+clip(escape.Line(commit.Title), c.o.Width-20)),
		c.field("", c.style.dim(commitDetails(commit))),
		c.field("images", clip(escape.Line(componentNames(p.Images)), c.o.Width-11)),
	}
	for _, d := range p.Deployments {
		lines = append(lines, c.field("deploy", escape.Line(d.Repository+", branch "+d.Branch)))
	}
	c.print(append(lines, "")...)
}

func (c *Console) field(name, value string) string { return "  " + pad(name, 8) + " " + value }

func commitDetails(c Commit) string {
	details := []string{c.Branch, c.Author}
	if c.Branch == "" && !c.Time.IsZero() { // else no more than the commit is known
		details[0] = "detached"
	}
	if !c.Time.IsZero() {
		details = append(details, c.Time.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if c.Dirty {
		details = append(details, "uncommitted changes")
	}
	details = slices.DeleteFunc(details, func(s string) bool { return s == "" })
	return escape.Line(strings.Join(details, ", "))
}

func componentNames(images []plan.Image) string {
	names := make([]string, len(images))
	for i, image := range images {
		names[i] = image.Component
	}
	return strings.Join(names, ", ")
}

// Note says something that is good to know.
func (c *Console) Note(text string) { c.print(indent("  ", "  ", escape.Lines(text))...) }

// Warn says something that the reader may have to act on, while the run goes on.
func (c *Console) Warn(text string) {
	if c.o.GitHub {
		c.command(escape.Command("warning", strings.Join(escape.Lines(text), "\n")))
		return
	}
	c.print(indent(c.style.yellow("warning:")+" ", "  ", escape.Lines(text))...)
}

// Display returns a writer that passes through as it is what is made safe already, such as a build's own display, outside
// every stage's fold.
func (c *Console) Display() io.Writer { return output{console: c} }

// Log gives a writer for the records of a log, each a whole line, which stay within the fold that is open.
func (c *Console) Log() io.Writer { return records{c} }

// records is a console as a log's writer.
type records struct{ console *Console }

func (r records) Write(p []byte) (int, error) {
	r.console.print(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}

// Timings gives the stages that have ended so far, for Report.Stages.
func (c *Console) Timings() []Timing {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.timings)
}

// print writes whole lines of text, below whatever is there.
func (c *Console) print(lines ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writeText(lines...)
}

// writeText is print for those who hold the lock.
func (c *Console) writeText(lines ...string) {
	if c.o.GitHub {
		for i, line := range lines {
			lines[i] = escape.Runner(line)
		}
	}
	c.write(lines...)
}

// command writes a workflow command.
func (c *Console) command(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.write(line)
}

// write writes whole lines as they are; the caller holds the lock.
func (c *Console) write(lines ...string) {
	var b strings.Builder
	b.WriteString(c.erase())
	if c.midLine {
		b.WriteByte('\n')
		c.midLine = false
	}
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	c.used = true
	_, _ = io.WriteString(c.w, b.String()) // one write a call, so that lines of two processes do not mix
}

// redraw replaces the live line. It is cut to the terminal, because a line that wraps cannot be taken back.
func (c *Console) redraw(text string) {
	if c.midLine {
		c.write()
	}
	text = clip(text, c.o.Width-1)
	rest := strings.Repeat(" ", max(0, columns(c.live)-columns(text)))
	_, _ = io.WriteString(c.w, "\r"+text+rest+strings.Repeat("\b", len(rest)))
	c.live = text
}

// erase gives what takes the live line back, with spaces rather than an escape sequence.
func (c *Console) erase() string {
	if c.live == "" {
		return ""
	}
	blank := strings.Repeat(" ", columns(c.live))
	c.live = ""
	return "\r" + blank + "\r"
}

// output is a raw writer into a console, within a stage's fold or outside of all.
type output struct {
	console *Console
	stage   *Stage
}

func (o output) Write(p []byte) (int, error) {
	c := o.console
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	if c.fold != o.stage || startsFold(p) {
		c.endFold()
	}
	if c.live != "" { // the output stands below its stage
		c.write(c.live)
	}
	c.midLine = p[len(p)-1] != '\n'
	return c.w.Write(p)
}

// startsFold tells whether output folds itself, as a build does with each component. GitHub knows no fold in a fold: the
// end of the inner one would end the stage's.
func startsFold(p []byte) bool {
	return bytes.HasPrefix(p, []byte("::group::")) || bytes.Contains(p, []byte("\n::group::"))
}

// indent puts first before the first line and rest before the others.
func indent(first, rest string, lines []string) []string {
	indented := make([]string, len(lines))
	for i, line := range lines {
		indented[i] = rest + line
		if i == 0 {
			indented[i] = first + line
		}
	}
	return indented
}
