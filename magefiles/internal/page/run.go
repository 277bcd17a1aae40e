// Package page writes the pages that people open in a browser, each as one file of HTML: what a run did, and what is deployed
// where. They ask no server, hold both languages, follow the reader's light or dark, and are read by screen readers as what
// they are, tables and lists.
package page

import (
	_ "embed"
	"io"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/webpage"
)

// The parts of a run's page beside the frame of all pages.
var (
	//go:embed run.html
	runHTML string
	//go:embed run.css
	runCSS string
)

// runPage is the page's data of a report, with foreign text escaped.
type runPage struct {
	Title       webpage.Text
	Class       string // of the outcome
	Errors      []pageError
	Next        string // command line that goes on
	Facts       []fact
	Images      []pageImage
	Deployments []pageDeployment
	Notes       []pageRange
	Stages      []pageStage
	Warnings    []pageWarning
}

// WriteRun writes the report for people: one file of HTML in both languages that a browser shows without asking anybody. The
// language, "ko" or else English, is the one where scripts do not run; with them it is the reader's own.
func WriteRun(w io.Writer, r report.Report, language string) error {
	if language != "ko" {
		language = "en"
	}
	p := runPage{
		Title: pageTitle(r), Class: outcomeClass(r.Outcome),
		Errors: pageErrors(r.Error), Facts: runFacts(r), Images: mapSlice(r.Images, newPageImage),
		Deployments: mapSlice(r.Deployment, newPageDeployment), Stages: newPageStages(r), Warnings: mapSlice(r.Warnings, newPageWarning),
		Notes: pageNotes(r.Notes),
	}
	if r.Next != "" {
		p.Next = escape.Line(r.Scripts() + r.Next)
	}
	frame := webpage.Page{HTML: runHTML, CSS: runCSS, Words: runWords()}
	return frame.Write(w, webpage.Head{Title: p.Title, Schema: report.Schema, Language: language}, p)
}

// pageTitle is that of a message without its mark, which the page shows as an icon.
func pageTitle(r report.Report) webpage.Text {
	title := func(language string) string {
		return strings.TrimSpace(escape.Line(report.LabelsIn(language).Title(r, false)))
	}
	return webpage.Both(title("en"), title("ko"))
}

type pageError struct {
	Message, Place, Snippet string
	Remedy                  []string
}

func pageErrors(e *report.Error) []pageError {
	if e == nil {
		return nil
	}
	var all []pageError
	for _, each := range append([]report.Error{*e}, e.More...) {
		shown := pageError{
			Message: strings.Join(escape.Lines(each.Message), "\n"), Place: escape.Line(each.Place.String()),
			Remedy: escape.Lines(each.Remedy),
		}
		if each.Place != nil {
			shown.Snippet = strings.Join(each.Place.SnippetLines(), "\n")
		}
		all = append(all, shown)
	}
	return all
}

type pageImage struct {
	Component, Tag, Digest, Short, Size, Cached, Took string
	State                                             webpage.Text
}

func newPageImage(i report.Image) pageImage {
	shown := pageImage{
		Component: escape.Line(string(i.Component)), Tag: escape.Line(i.Tag()),
		Digest: escape.Line(i.Digest.String()), Short: escape.Line(imageref.ShortDigest(i.Digest)),
		Size: i.SizeText(), Cached: i.StepsText(), State: stateText(i),
	}
	if i.Seconds > 0 {
		shown.Took = report.Seconds(i.Seconds)
	}
	return shown
}

type pageDeployment struct {
	Place   string
	Changes []pageChange
	Kept    []string
}

type pageChange struct{ Path, Place, Old, New string }

func newPageDeployment(d report.Deployment) pageDeployment {
	return pageDeployment{
		Place:   escape.Line(d.Place()),
		Kept:    mapSlice(d.Kept, func(k report.Kept) string { return escape.Line(string(k.Component) + " " + k.Tag) }),
		Changes: mapSlice(d.Changes, newPageChange),
	}
}

func newPageChange(c report.Change) pageChange {
	shared := mapSlice(c.Shared, func(place string) string { return "and " + escape.Line(place) })
	return pageChange{
		Path: escape.Line(c.Path), Place: c.Place(), Old: strings.Join(escape.Lines(c.Old), "\n"),
		New: strings.Join(slices.Concat(escape.Lines(c.New), shared), "\n"),
	}
}

type pageWarning struct {
	Place, Text, Components string
	Remedy                  []string
}

func newPageWarning(w report.Warning) pageWarning {
	return pageWarning{
		Place: escape.Line(w.Place.String()), Text: escape.Line(w.Text()), Components: escape.Line(component.Join(w.Components, ", ")),
		Remedy: escape.Lines(w.Remedy),
	}
}

func mapSlice[A, B any](items []A, to func(A) B) []B {
	converted := make([]B, len(items))
	for i, item := range items {
		converted[i] = to(item)
	}
	return converted
}
