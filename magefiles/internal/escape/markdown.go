package escape

import (
	"fmt"
	"regexp"
	"strings"
)

// Markdown returns text for a paragraph or a table cell of a job summary.
func Markdown(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "~", `\~`, "[", `\[`, "]", `\]`, "|", `\|`, "#", `\#`, "!", `\!`,
		"<", "&lt;", ">", "&gt;", "&", "&amp;", "@", "@"+zeroWidthSpace, // no mention of the account of that name
	).Replace(Line(s))
}

// MarkdownCode returns s as code, as it is. A name in plain letters stays readable in the source; the rest is written in
// entities, because neither a backtick nor a table's bar can be escaped within backticks.
func MarkdownCode(s string) string {
	s = Line(s)
	if s == "" {
		return ""
	}
	if !strings.ContainsAny(s, "`|\\") && strings.TrimSpace(s) == s {
		return "`" + s + "`"
	}
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune("`|\\*_~[]<>&", r) {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return "<code>" + b.String() + "</code>"
}

// MarkdownLink returns label, which is Markdown already, as a link to an address on the web, and alone where there is none.
func MarkdownLink(label, url string) string {
	if !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") {
		return label
	}
	url = strings.NewReplacer(" ", "%20", "(", "%28", ")", "%29", "<", "%3C", ">", "%3E", "|", "%7C", `\`, "%5C").Replace(Line(url))
	return "[" + label + "](" + url + ")"
}

// referencePattern finds what GitHub makes a link or a mention of in the text of pull requests and commits: #12 and owner/name#12,
// which "closes" closes, GH-12, and addresses.
// https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
var referencePattern = regexp.MustCompile(`#\d|(?i:gh-)\d|://|(?i:www)\.`)

// PullRequest returns text for a paragraph or a table cell of a pull request: it closes nothing, mentions no account and
// links nowhere.
func PullRequest(s string) string {
	return referencePattern.ReplaceAllStringFunc(Markdown(s), splitMark)
}

// MarkdownLinked returns text of a job summary in which some pieces are links: each piece is a text and its address, or none.
func MarkdownLinked(pieces ...[2]string) string { return linked(Markdown, pieces) }

// PullRequestLinked is MarkdownLinked for a pull request, where nothing else becomes a link.
func PullRequestLinked(pieces ...[2]string) string { return linked(PullRequest, pieces) }

func linked(write func(string) string, pieces [][2]string) string {
	var b strings.Builder
	for _, piece := range pieces {
		b.WriteString(MarkdownLink(write(piece[0]), piece[1]))
	}
	return b.String()
}

// splitMark separates the last character of a mark from the others.
func splitMark(mark string) string { return mark[:len(mark)-1] + zeroWidthSpace + mark[len(mark)-1:] }
