package report

import (
	"encoding/json"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
)

// WriteJSON writes the report as one indented JSON document. Lists are never null, so that jq needs no guard.
func WriteJSON(w io.Writer, r Report) error {
	r.Schema = Schema
	r.Seconds = roundSeconds(r.Seconds)
	r.Images = append([]Image{}, r.Images...)
	for i := range r.Images {
		r.Images[i].Seconds = roundSeconds(r.Images[i].Seconds)
	}
	r.Warnings = append([]Warning{}, r.Warnings...)
	for i := range r.Warnings {
		r.Warnings[i].Components = listOrEmpty(r.Warnings[i].Components)
	}
	r.Stages = append([]Timing{}, r.Stages...)
	for i := range r.Stages {
		r.Stages[i].Seconds = roundSeconds(r.Stages[i].Seconds)
	}
	if r.Live != nil {
		live := *r.Live
		live.Seconds = roundSeconds(live.Seconds)
		r.Live = &live
	}
	r.AlsoLive = slices.Clone(r.AlsoLive)
	for i := range r.AlsoLive {
		r.AlsoLive[i].Seconds = roundSeconds(r.AlsoLive[i].Seconds)
	}
	r.Deployment = append([]Deployment{}, r.Deployment...)
	for i := range r.Deployment {
		r.Deployment[i].Changes = listOrEmpty(r.Deployment[i].Changes)
	}
	return WriteDocument(w, r)
}

// roundSeconds rounds seconds: the digits below are noise.
func roundSeconds(seconds float64) float64 { return math.Round(seconds*1000) / 1000 }

// WriteDocument writes a document as all that targets print: indented, and with no command of the runner in it, since a log may show it.
func WriteDocument(w io.Writer, document any) error {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false) // people read it too, and & and < are common in titles
	if err := encoder.Encode(document); err != nil {
		return err
	}
	_, err := io.WriteString(w, escape.JSON(b.String()))
	return err
}

func listOrEmpty[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// NotesJSON writes notes as one indented JSON document.
func NotesJSON(w io.Writer, n notes.Notes) error {
	n.Schema, n.Ranges = notes.Schema, listOrEmpty(n.Ranges)
	return WriteDocument(w, n)
}
