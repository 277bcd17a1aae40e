package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
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

// statusTable drops what is least missed where the table is too wide. Titles then have lines of their own.
func (c *Console) statusTable(d status.Deployment, now time.Time) []string {
	t := table{
		head:  []string{"component", "tag", "commit", "built", "title", "behind", "digest", "deployed", "by", "state"},
		right: []bool{statusBuilt: true, statusBehind: true, statusDeployed: true, statusState: false},
	}
	for _, component := range d.Components {
		t.rows = append(t.rows, statusRow(component, now))
	}
	titles := false
	for _, column := range []int{statusDigest, statusTitle, statusCommit, statusBy} {
		if _, total := t.withoutEmptyColumns().widths(); total <= c.o.Width {
			break
		}
		t = t.blank(column)
		titles = titles || column == statusTitle
	}
	lines := t.withoutEmptyColumns().lines(c.style, c.o.Width)
	if titles {
		for _, text := range titlesOf(d.Components) {
			lines = append(lines, c.style.dim("  "+clip(escape.Line(text), c.o.Width-2)))
		}
	}
	return lines
}

func statusRow(c status.Component, now time.Time) []string {
	row := make([]string, statusState+1)
	row[0], row[1], row[statusState] = escape.Line(c.Name), escape.Line(c.Tag), string(c.State)
	if s := c.Source; s != nil {
		row[statusCommit], row[statusTitle], row[statusBehind] = s.SHA[:min(8, len(s.SHA))], clip(escape.Line(s.Title), 40), behind(s)
		if s.Time != nil {
			row[statusBuilt] = age(now.Sub(*s.Time))
		}
	}
	if c.Registry.Digest != "" {
		row[statusDigest] = status.ShortDigest(c.Registry.Digest)
	}
	if by := c.Deployed; by != nil {
		row[statusDeployed], row[statusBy] = age(now.Sub(by.Time)), clip(escape.Line(by.By), 20)
	}
	if c.Hold != nil && c.State != status.Held {
		row[statusState] += ", held"
	}
	return row
}

// behind counts the commits that an image lacks; a plus counts those that only it has.
func behind(s *status.Source) string {
	if s.Behind == nil {
		return "?"
	}
	text := strconv.Itoa(*s.Behind)
	if s.Ahead > 0 {
		text += fmt.Sprintf(" +%d", s.Ahead)
	}
	return text
}

// titlesOf has a line for each commit.
func titlesOf(components []status.Component) []string {
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

// holdLinesOf says once what holds several components.
func holdLinesOf(components []status.Component, now time.Time) []string {
	var lines []string
	names := map[string][]string{}
	for _, c := range components {
		if c.Hold == nil {
			continue
		}
		text := fmt.Sprintf("held for %s by %s until %s", age(now.Sub(c.Hold.Since)), c.Hold.By, map[bool]string{true: "a newer build", false: "it is lifted"}[c.Hold.Until == "newer"])
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

// age is a duration in one word.
func age(d time.Duration) string {
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
