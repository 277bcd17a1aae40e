package page

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
	"github.com/xiilab/astrago-ci/magefiles/internal/webpage"
)

// pageRange holds the changes that some components bring and take back.
type pageRange struct {
	Components, Span, URL string
	Count                 webpage.Text
	Brings, TakesBack     pageSide
	BothWays              bool
}

type pageSide struct {
	Groups  []pageGroup
	Omitted *webpage.Text
}

type pageGroup struct {
	Title   webpage.Text
	Changes []pageChangeNote
}

type pageChangeNote struct {
	Name, URL, Author string
	Segments          []notes.Segment
}

// pageNotes returns what the page shows of notes, with the text of others made safe to show.
func pageNotes(n *notes.Notes) []pageRange {
	if n.IsEmpty() {
		return nil
	}
	return mapSlice(n.Ranges, func(r notes.Range) pageRange {
		return pageRange{
			Components: escape.Line(r.Names()), Span: escape.Line(r.Span()), URL: escape.Line(r.URL),
			Count:  bothWords(func(w notes.Words) string { return escape.Line(w.Count(r)) }),
			Brings: newPageSide(r.Brings), TakesBack: newPageSide(r.TakesBack), BothWays: r.GoesBothWays(),
		}
	})
}

func newPageSide(s notes.Side) pageSide {
	shown := pageSide{Groups: mapSlice(s.Groups, func(g notes.Group) pageGroup {
		title := bothWords(func(w notes.Words) string { return w.Category(g.Category) })
		return pageGroup{Title: title, Changes: mapSlice(g.Changes, newPageChangeNote)}
	})}
	if s.Omitted > 0 {
		omitted := bothWords(func(w notes.Words) string { return w.Omitted(s) })
		shown.Omitted = &omitted
	}
	return shown
}

func newPageChangeNote(c notes.Change) pageChangeNote {
	return pageChangeNote{
		Name: escape.Line(c.Name()), URL: escape.Line(c.Page()), Author: escape.Line(c.Author),
		Segments: mapSlice(c.Segments(), func(s notes.Segment) notes.Segment {
			return notes.Segment{Text: escape.Line(s.Text), URL: escape.Line(s.URL)}
		}),
	}
}
