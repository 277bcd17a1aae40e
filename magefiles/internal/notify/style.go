package notify

import (
	"encoding/json"
	"maps"
	"mime"
	"strings"

	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// messageStyle is a service's format of messages.
type messageStyle struct {
	escape func(string) string // of what others wrote; nil where the service shows text as it is
	title  func(string) string
	color  string       // format of red, green and blue in hexadecimal; empty where there are no colours
	params types.Params // of the service, for every message

	text     func(string) string // of the whole text, at last; nil leaves it
	template string              // of the request's body, where the service knows none
}

// templateName is that of style.template.
const templateName = "card"

// slackStyle escapes the three letters of Slack's markup, so that a commit's title mentions no one
// (https://docs.slack.dev/messaging/formatting-message-text, "Escaping text").
func slackStyle() messageStyle {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
	return messageStyle{escape: escape, title: escape, color: "#"}
}

// discordStyle escapes Markdown and breaks mentions. The message is one text, not a box for each line, of which Discord
// takes ten (https://docs.discord.com/developers/resources/webhook#execute-webhook).
func discordStyle() messageStyle {
	return messageStyle{escape: escapeMarkup, title: escapeMarkup, color: "0x", params: types.Params{"splitlines": "No"}}
}

// teamsStyle escapes Markdown and HTML, both of which Teams reads in cards.
func teamsStyle() messageStyle {
	escape := func(s string) string { return escapeMarkup(strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(s)) }
	return messageStyle{escape: escape, title: escape}
}

// workflowStyle posts an Adaptive Card, which a Teams workflow takes ("Send webhook alerts to a channel"). In its texts an
// empty line is a line break.
func workflowStyle() messageStyle {
	s := teamsStyle()
	quoted := s.title
	s.title = func(text string) string { return quoteJSON(quoted(text)) }
	s.text = func(text string) string { return quoteJSON(strings.ReplaceAll(text, "\n", "\n\n")) }
	s.params = types.Params{"template": templateName}
	s.template = `{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{` +
		`"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4","body":[` +
		`{"type":"TextBlock","size":"medium","weight":"bolder","wrap":true,"text":{{ .title }}},` +
		`{"type":"TextBlock","wrap":true,"text":{{ .message }}}]}}]}`
	return s
}

// quoteJSON returns a JSON string.
func quoteJSON(s string) string {
	encoded, err := json.Marshal(s)
	if err != nil {
		return `""` // a string always encodes
	}
	return string(encoded)
}

// mailStyle encodes the title for a header (RFC 2047), which holds ASCII only.
func mailStyle() messageStyle {
	return messageStyle{title: func(s string) string { return mime.BEncoding.Encode("utf-8", s) }}
}

func plainStyle() messageStyle { return messageStyle{} }

// escapeMarkup escapes the letters of Markdown. An invisible space behind @ keeps a name from being notified.
func escapeMarkup(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("\\`*_~|[]()#>", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
		if r == '@' {
			b.WriteRune('\u200b')
		}
	}
	return b.String()
}

// send formats and posts.
func (t serviceTarget) send(m report.Message) error {
	params, title := types.Params{}, m.Title
	maps.Copy(params, t.style.params)
	if t.style.title != nil {
		title = t.style.title(title)
	}
	params.SetTitle(title)
	if t.style.color != "" {
		params["color"] = t.style.color + outcomeColor(m.Outcome)
	}
	text := m.Format(t.style.escape)
	if t.style.text != nil {
		text = t.style.text(text)
	}
	return t.service.Send(text, &params)
}

// outcomeColor is that of GitHub's own states.
func outcomeColor(o report.Outcome) string {
	switch o {
	case report.Done, report.NothingToDo:
		return "1a7f37"
	case report.Cancelled:
		return "6e7781"
	case report.Refused:
		return "bf8700"
	}
	return "cf222e"
}
