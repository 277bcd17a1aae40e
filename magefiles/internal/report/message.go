package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Message is for people that did not watch the run: a title, and lines that say the most important things first. Its
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

// NewMessage returns how a run ended: whose, where, of which commit, and then either what failed, why and what to do next,
// or what is deployed now.
func NewMessage(r Report, o MessageOptions) Message {
	w := LabelsIn(o.Language)
	m := Message{Title: escape.Shorten(messageMark(r.Outcome)+w.Title(r, o.Recovered), titleLimit), Outcome: r.Outcome}
	m.addLine(w.Commit, commitText(r.Commit), "")
	m.addDecision(r, w)
	if r.Error != nil {
		m.addFailure(r, w)
	} else {
		m.addSuccess(r, w)
	}
	m.addLine(w.Operate, "", r.Operate)
	m.addLine(w.Run, "", r.Run)
	m.shortenLines()
	return m
}

// addDecision adds what a person decided about images that exist: what replaces what, its source, the reason and the person.
func (m *Message) addDecision(r Report, w Labels) {
	if !r.DeploysExisting() {
		return
	}
	switch from := r.From; {
	case from == nil:
	case r.Command == CommandRollback:
		m.addLine(w.Restored, from.Place(), "")
	default:
		m.addLine(w.From, from.Environment+", "+from.Place(), "")
	}
	m.addLine(w.Replaced, strings.Join(r.replacedTags(), ", "), "")
	m.addLine(w.Reason, r.Reason, "")
	m.addLine(w.By, r.By, "")
}

func (m *Message) addFailure(r Report, w Labels) {
	if i := slices.IndexFunc(r.Stages, func(t Timing) bool { return t.Outcome == r.Outcome }); i >= 0 {
		m.addLine(w.Stage, r.Stages[i].Name, "")
	}
	cause := firstLine(r.Error.Message)
	if place := r.Error.Place.String(); place != "" {
		cause = place + ": " + cause
	}
	if more := len(r.Error.More); more > 0 {
		cause = fmt.Sprintf("%s (+%d)", escape.Shorten(cause, textLimit-10), more)
	}
	m.addLine(w.Cause, cause, "")
	m.addRemedy(r, w)
}

// addRemedy adds what to do next, and the command that continues the run where that comes after it.
func (m *Message) addRemedy(r Report, w Labels) {
	next := firstLine(r.Error.Remedy)
	if next == "" || strings.HasPrefix(next, problem.Again) {
		next = r.Scripts() + r.Next
	}
	m.addLongLine(w.Next, next, commandLimit)
	if r.Next != next && slices.Contains(strings.Split(r.Error.Remedy, "\n"), r.Next) {
		m.addLongLine(w.Then, r.Next, commandLimit)
	}
}

func (m *Message) addSuccess(r Report, w Labels) {
	images := make([]string, 0, len(r.Images))
	for _, image := range r.Images {
		images = append(images, string(image.Component)+" "+r.deployedTag(image))
	}
	if rest := len(images) - imageLimit; rest > 0 {
		images = append(images[:imageLimit], fmt.Sprintf("+%d", rest))
	}
	m.addLine(w.Images, strings.Join(images, ", "), "")
	m.addLine(w.Brings, r.Notes.Brought(w.Notes), "")
	m.addLine(w.TakesBack, r.Notes.TakenBack(w.Notes), "")
	m.addLine(w.Unclear, r.Notes.Unclear(w.Notes), "")
	for _, d := range r.Deployment {
		if len(d.Changes) > 0 {
			m.addLine(w.Changes, fmt.Sprintf(w.Values, len(d.Changes), d.Repository, d.Branch), "")
		}
		if d.Proposed() {
			m.addLine(w.Merge, "", d.PullRequest.URL)
		} else {
			m.addLine(w.Deployment, "", d.URL)
		}
	}
	if r.Command == CommandRollback && len(r.Holds) > 0 {
		m.addLine(w.Held, fmt.Sprintf(w.Until[r.Holds[0].Until], r.Scripts(), r.Environment), "")
	}
	m.addLine(w.Took, Seconds(r.Seconds), "")
}

// addLine leaves out what is not known.
func (m *Message) addLine(label, text, url string) {
	if text != "" || url != "" {
		m.Lines = append(m.Lines, MessageLine{Label: label, Text: escape.Shorten(text, textLimit), URL: escape.Line(url)})
	}
}

// addLongLine is add for a text of another length.
func (m *Message) addLongLine(label, text string, limit int) {
	if text != "" {
		m.Lines = append(m.Lines, MessageLine{Label: label, Text: escape.Shorten(text, limit)})
	}
}

// shortenLines drops lines from the middle, where the least important ones stand, until the whole is short enough.
func (m *Message) shortenLines() {
	for len([]rune(m.Format(nil))) > messageLimit && len(m.Lines) > 2 {
		m.Lines = slices.Delete(m.Lines, len(m.Lines)-2, len(m.Lines)-1)
	}
}

// Format returns the lines as text. escapeText keeps a service from reading markup into what others wrote; nil leaves all as it
// is.
func (m Message) Format(escapeText func(string) string) string {
	if escapeText == nil {
		escapeText = func(s string) string { return s }
	}
	lines := make([]string, len(m.Lines))
	for i, line := range m.Lines {
		lines[i] = line.Label + ": " + strings.TrimSpace(escapeText(line.Text)+" "+line.URL)
	}
	return strings.Join(lines, "\n")
}

func commitText(c Commit) string {
	if c.SHA == "" {
		return ""
	}
	by := strings.Join(slices.DeleteFunc([]string{c.Author, c.Branch}, func(s string) bool { return s == "" }), ", ")
	text := c.SHA.Short() + " " + escape.Shorten(c.Title, textLimit/2)
	if by != "" {
		text += " (" + by + ")"
	}
	return text
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// messageMark stands before a title; chats show it in notifications, where colours do not.
func messageMark(o Outcome) string {
	switch o {
	case Done:
		return "✅ "
	case NothingToDo:
		return "☑️ "
	case Refused:
		return "⛔ "
	case Cancelled:
		return "⚪ "
	}
	return "❌ "
}
