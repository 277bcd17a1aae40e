package report

import (
	_ "embed"
	"io"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/webpage"
)

// The parts of the page beside the frame of all pages.
var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
)

// page is what the page shows of a report, with the text of others made safe to show.
type page struct {
	Title       webpage.Text
	Class       string // of the outcome
	Errors      []pageError
	Next        string // command line that goes on
	Facts       []fact
	Images      []pageImage
	Deployments []pageDeployment
	Stages      []pageStage
	Warnings    []pageWarning
}

// Page writes the report for people: one file of HTML in both languages that a browser shows without asking anybody. The
// language, "ko" or else English, is the one where scripts do not run; with them it is the reader's own.
func Page(w io.Writer, r Report, language string) error {
	if language != "ko" {
		language = "en"
	}
	p := page{
		Title: pageTitle(r), Class: outcomeClass(r.Outcome), Errors: pageErrors(r.Error), Facts: r.facts(), Images: convert(r.Images, newPageImage),
		Deployments: convert(r.Deployment, newPageDeployment), Stages: pageStages(r), Warnings: convert(r.Warnings, newPageWarning),
	}
	if r.Next != "" {
		p.Next = "./ci/scripts/" + escape.Line(r.Next)
	}
	frame := webpage.Page{HTML: pageHTML, CSS: pageCSS, Words: pageWords()}
	return frame.Write(w, webpage.Head{Title: p.Title, Schema: Schema, Language: language}, p)
}

// pageTitle is that of a message without its mark, which the page shows as an icon.
func pageTitle(r Report) webpage.Text {
	title := func(language string) string {
		return strings.TrimSpace(escape.Line(strings.TrimPrefix(wordsOf(language).title(r, false), messageMark(r.Outcome))))
	}
	return webpage.Both(title("en"), title("ko"))
}

type pageError struct {
	Message, Place, Snippet string
	Remedy                  []string
}

func pageErrors(e *Error) []pageError {
	if e == nil {
		return nil
	}
	var all []pageError
	for _, each := range append([]Error{*e}, e.More...) {
		shown := pageError{
			Message: strings.Join(escape.Lines(each.Message), "\n"), Place: escape.Line(each.Place.String()), Remedy: escape.Lines(each.Remedy),
		}
		if each.Place != nil {
			shown.Snippet = strings.Join(snippetLines(each.Place.Snippet), "\n")
		}
		all = append(all, shown)
	}
	return all
}

type pageImage struct {
	Component, Tag, Digest, Short, Size, Cached, Took string
	State                                             webpage.Text
}

func newPageImage(i Image) pageImage {
	shown := pageImage{
		Component: escape.Line(i.Component), Tag: escape.Line(i.Tag()), Digest: escape.Line(i.Digest), Short: escape.Line(i.shortDigest()),
		Size: sizeCell(i), Cached: stepsCell(i), State: stateText(i),
	}
	if i.Seconds > 0 {
		shown.Took = seconds(i.Seconds)
	}
	return shown
}

type pageDeployment struct {
	Place   string
	Changes []pageChange
	Kept    []string
}

type pageChange struct{ Path, Place, Old, New string }

func newPageDeployment(d Deployment) pageDeployment {
	return pageDeployment{Place: escape.Line(d.Repository + "@" + d.Branch), Kept: convert(d.Kept, func(k Kept) string { return escape.Line(k.Component + " " + k.Tag) }), Changes: convert(d.Changes, func(c Change) pageChange {
		return pageChange{
			Path: escape.Line(c.Path), Place: changePlace(c), Old: strings.Join(escape.Lines(c.Old), "\n"),
			New: strings.Join(slices.Concat(escape.Lines(c.New), convert(c.Shared, func(place string) string { return "and " + escape.Line(place) })), "\n"),
		}
	})}
}

type pageWarning struct {
	Place, Text, Components string
	Remedy                  []string
}

func newPageWarning(w Warning) pageWarning {
	return pageWarning{
		Place: escape.Line(w.Place.String()), Text: escape.Line(w.text()), Components: escape.Line(strings.Join(w.Components, ", ")), Remedy: escape.Lines(w.Remedy),
	}
}
