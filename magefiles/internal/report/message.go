package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Message is what people are told who were not watching: a title, and lines that say the most important things first. Its
// texts are one line each and short enough for every service; nothing in them is formatted yet.
type Message struct {
	Title   string
	Lines   []MessageLine
	Outcome Outcome
}

// MessageLine is one fact. A web address stands alone, because services format text and must leave an address as it is.
type MessageLine struct{ Label, Text, URL string }

// MessageOptions says how a Message is written.
type MessageOptions struct {
	Language  string // "ko"; everything else is English
	Recovered bool   // the run before this one failed
}

// Limits of a Message in characters. Discord takes 256 in a title and 2,000 in a message, Slack 3,000 in a text.
const (
	titleLimit   = 120
	textLimit    = 240
	commandLimit = 480 // half a command is none
	messageLimit = 1800
	imageLimit   = 8
)

// NewMessage tells how a run ended: whose, where, of which commit, and then either what failed, why and what to do next,
// or what is deployed now.
func NewMessage(r Report, o MessageOptions) Message {
	w := wordsOf(o.Language)
	m := Message{Title: short(w.title(r, o.Recovered), titleLimit), Outcome: r.Outcome}
	m.add(w.commit, commitText(r.Commit), "")
	m.decision(r, w)
	if r.Error != nil {
		m.failure(r, w)
	} else {
		m.success(r, w)
	}
	m.add(w.run, "", r.Run)
	m.fit()
	return m
}

// decision is what a person decided about images that exist: what replaces what, from where, why, and who.
func (m *Message) decision(r Report, w words) {
	if !r.onExisting() {
		return
	}
	switch from := r.From; {
	case from == nil:
	case r.Command == CommandRollback:
		m.add(w.restored, from.place(), "")
	default:
		m.add(w.from, from.Environment+", "+from.place(), "")
	}
	m.add(w.replaced, strings.Join(r.replaced(), ", "), "")
	m.add(w.reason, r.Reason, "")
	m.add(w.by, r.By, "")
}

func (m *Message) failure(r Report, w words) {
	if i := slices.IndexFunc(r.Stages, func(t Timing) bool { return t.Outcome == r.Outcome }); i >= 0 {
		m.add(w.stage, r.Stages[i].Name, "")
	}
	cause := firstLine(r.Error.Message)
	if place := r.Error.Place.String(); place != "" {
		cause = place + ": " + cause
	}
	if more := len(r.Error.More); more > 0 {
		cause = fmt.Sprintf("%s (+%d)", short(cause, textLimit-10), more)
	}
	m.add(w.cause, cause, "")
	m.remedy(r, w)
}

// remedy is what to do next, and the command that continues the run where that comes after it.
func (m *Message) remedy(r Report, w words) {
	next := firstLine(r.Error.Remedy)
	if next == "" || strings.HasPrefix(next, problem.Again) {
		next = "./ci/scripts/" + r.Next
	}
	m.line(w.next, next, commandLimit)
	if r.Next != next && slices.Contains(strings.Split(r.Error.Remedy, "\n"), r.Next) {
		m.line(w.then, r.Next, commandLimit)
	}
}

func (m *Message) success(r Report, w words) {
	images := make([]string, 0, len(r.Images))
	for _, image := range r.Images {
		images = append(images, image.Component+" "+r.deployedTag(image))
	}
	if rest := len(images) - imageLimit; rest > 0 {
		images = append(images[:imageLimit], fmt.Sprintf("+%d", rest))
	}
	m.add(w.images, strings.Join(images, ", "), "")
	for _, d := range r.Deployment {
		if len(d.Changes) > 0 {
			m.add(w.changes, fmt.Sprintf(w.values, len(d.Changes), d.Repository, d.Branch), "")
		}
		if d.Proposed() {
			m.add(w.merge, "", d.PullRequest.URL)
		} else {
			m.add(w.deployment, "", d.URL)
		}
	}
	if r.Command == CommandRollback && len(r.Holds) > 0 {
		m.add(w.held, fmt.Sprintf(w.until[r.Holds[0].Until], r.Environment), "")
	}
	m.add(w.took, seconds(r.Seconds), "")
}

// add leaves out what is not known.
func (m *Message) add(label, text, url string) {
	if text != "" || url != "" {
		m.Lines = append(m.Lines, MessageLine{Label: label, Text: short(text, textLimit), URL: escape.Line(url)})
	}
}

// line is add for a text of another length.
func (m *Message) line(label, text string, limit int) {
	if text != "" {
		m.Lines = append(m.Lines, MessageLine{Label: label, Text: short(text, limit)})
	}
}

// fit drops lines from the middle, where the least important ones stand, until the whole is short enough.
func (m *Message) fit() {
	for len([]rune(m.Format(nil))) > messageLimit && len(m.Lines) > 2 {
		m.Lines = slices.Delete(m.Lines, len(m.Lines)-2, len(m.Lines)-1)
	}
}

// Format gives the lines as text. escape keeps a service from reading markup into what others wrote; nil leaves all as it
// is.
func (m Message) Format(escape func(string) string) string {
	if escape == nil {
		escape = func(s string) string { return s }
	}
	lines := make([]string, len(m.Lines))
	for i, line := range m.Lines {
		lines[i] = line.Label + ": " + strings.TrimSpace(escape(line.Text)+" "+line.URL)
	}
	return strings.Join(lines, "\n")
}

func commitText(c Commit) string {
	if c.SHA == "" {
		return ""
	}
	by := strings.Join(slices.DeleteFunc([]string{c.Author, c.Branch}, func(s string) bool { return s == "" }), ", ")
	text := c.ShortSHA() + " " + short(c.Title, textLimit/2)
	if by != "" {
		text += " (" + by + ")"
	}
	return text
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// short is clean, cut to a number of characters.
func short(s string, limit int) string {
	runes := []rune(strings.TrimSpace(escape.Line(s)))
	if len(runes) <= limit {
		return string(runes)
	}
	return strings.TrimSpace(string(runes[:limit-1])) + "…"
}
