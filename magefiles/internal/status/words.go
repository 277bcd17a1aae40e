package status

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

// ShortAge is a duration in one word.
func ShortAge(d time.Duration) string {
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

// BehindText counts the commits that an image lacks; a plus counts those that only it has.
func (s *Source) BehindText() string {
	if s.Behind == nil {
		return "?"
	}
	text := strconv.Itoa(*s.Behind)
	if s.Ahead > 0 {
		text += fmt.Sprintf(" +%d", s.Ahead)
	}
	return text
}

// StateText is the state of a component, with a hold that is not the worst of it.
func (c Component) StateText() string {
	if c.Hold != nil && c.State != Held {
		return string(c.State) + ", held"
	}
	return string(c.State)
}

// HoldTexts say once what holds several components.
func (d Deployment) HoldTexts(now time.Time) []string {
	var lines []string
	names := map[string][]component.Name{}
	for _, c := range d.Components {
		if c.Hold == nil {
			continue
		}
		until := map[bool]string{true: "a newer build", false: "it is lifted"}[c.Hold.Until == "newer"]
		text := fmt.Sprintf("held for %s by %s until %s", ShortAge(now.Sub(c.Hold.Since)), c.Hold.By, until)
		if c.Hold.Reason != "" {
			text += ": " + strings.Join(strings.Fields(c.Hold.Reason), " ")
		}
		if names[text] == nil {
			lines = append(lines, text)
		}
		names[text] = append(names[text], c.Name)
	}
	for i, text := range lines {
		lines[i] = component.Join(names[text], ", ") + " " + text
	}
	return lines
}
