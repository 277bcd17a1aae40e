// Package page writes a status as one file of HTML that a team hangs on a wall: it asks nobody for anything, holds both
// languages, follows the reader's light or dark, and is read by screen readers as what it is, a table and a list.
package page

import (
	_ "embed"
	"io"

	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/webpage"
)

// The parts of the page beside the frame of all pages.
var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
)

// document is what the template sees.
type document struct {
	Status status.Status
	Matrix matrix
}

// Write writes the page.
func Write(w io.Writer, s status.Status) error {
	title := words()["title"]
	head := webpage.Head{
		Title:  webpage.Text{EN: s.Service + ": " + title.EN, KO: s.Service + " " + title.KO},
		Schema: s.Schema, Language: "en",
	}
	p := webpage.Page{HTML: pageHTML, CSS: pageCSS, JS: pageJS, Words: words(), Functions: functions()}
	return p.Write(w, head, document{Status: s, Matrix: newMatrix(s)})
}
