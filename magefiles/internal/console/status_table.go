package console

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

// Columns of the table.
const (
	statusCommit = 2 + iota
	statusBuilt
	statusTitle
	statusBehind
	statusDigest
	statusDeployed
	statusBy
	statusState
)

// componentTable drops what is least missed where the table is too wide. Titles then have lines of their own.
func (v statusView) componentTable(d status.Deployment) []string {
	t := table{
		head:  []string{"component", "tag", "commit", "built", "title", "behind", "digest", "deployed", "by", "state"},
		right: []bool{statusBuilt: true, statusBehind: true, statusDeployed: true, statusState: false},
	}
	for _, component := range d.Components {
		t.rows = append(t.rows, v.componentRow(component))
	}
	titles := false
	for _, column := range []int{statusDigest, statusTitle, statusCommit, statusBy} {
		if _, total := t.withoutEmptyColumns().columnWidths(); total <= v.width {
			break
		}
		t = t.withoutColumn(column)
		titles = titles || column == statusTitle
	}
	lines := t.withoutEmptyColumns().tableLines(v.style, v.width)
	if titles {
		for _, text := range commitTitles(d.Components) {
			lines = append(lines, v.style.dim("  "+terminal.Clip(escape.Line(text), v.width-2)))
		}
	}
	return lines
}

func (v statusView) componentRow(c status.Component) []string {
	row := make([]string, statusState+1)
	row[0], row[1], row[statusState] = escape.Line(c.Name), escape.Line(c.Tag), string(c.State)
	if s := c.Source; s != nil {
		row[statusCommit], row[statusBehind] = s.SHA[:min(8, len(s.SHA))], behindText(s)
		row[statusTitle] = terminal.Clip(escape.Line(s.Title), 40)
		if s.Time != nil {
			row[statusBuilt] = shortAge(v.now.Sub(*s.Time))
		}
	}
	if c.Registry.Digest != "" {
		row[statusDigest] = status.ShortDigest(c.Registry.Digest)
	}
	if by := c.Deployed; by != nil {
		row[statusDeployed], row[statusBy] = shortAge(v.now.Sub(by.Time)), terminal.Clip(escape.Line(by.By), 20)
	}
	if c.Hold != nil && c.State != status.Held {
		row[statusState] += ", held"
	}
	return row
}

// behindText counts the commits that an image lacks; a plus counts those that only it has.
func behindText(s *status.Source) string {
	if s.Behind == nil {
		return "?"
	}
	text := strconv.Itoa(*s.Behind)
	if s.Ahead > 0 {
		text += fmt.Sprintf(" +%d", s.Ahead)
	}
	return text
}

// commitTitles has a line for each commit.
func commitTitles(components []status.Component) []string {
	var lines []string
	for _, c := range components {
		if c.Source == nil || c.Source.Title == "" {
			continue
		}
		line := c.Source.SHA[:min(8, len(c.Source.SHA))] + " " + c.Source.Title
		if c.Source.Author != "" {
			line += " (" + c.Source.Author + ")"
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// holdLines says once what holds several components.
func (v statusView) holdLines(components []status.Component) []string {
	var lines []string
	names := map[string][]string{}
	for _, c := range components {
		if c.Hold == nil {
			continue
		}
		until := map[bool]string{true: "a newer build", false: "it is lifted"}[c.Hold.Until == "newer"]
		text := fmt.Sprintf("held for %s by %s until %s", shortAge(v.now.Sub(c.Hold.Since)), c.Hold.By, until)
		if c.Hold.Reason != "" {
			text += ": " + strings.Join(strings.Fields(c.Hold.Reason), " ")
		}
		if names[text] == nil {
			lines = append(lines, text)
		}
		names[text] = append(names[text], c.Name)
	}
	for i, text := range lines {
		lines[i] = strings.Join(names[text], ", ") + " " + text
	}
	return lines
}

// shortAge is a duration in one word.
func shortAge(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return fmt.Sprintf("%dmin", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dd", d/(24*time.Hour))
}
