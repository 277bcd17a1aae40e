package page

import (
	_ "embed"
	"io"

	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/webpage"
)

// The parts of a status's page beside the frame of all pages.
var (
	//go:embed status.html
	statusHTML string
	//go:embed status.css
	statusCSS string
	//go:embed status.js
	statusJS string
)

// statusDocument is the template's data.
type statusDocument struct {
	Status status.Status
	Matrix matrix
}

// WriteStatus writes a status for a screen that a team watches.
func WriteStatus(w io.Writer, s status.Status) error {
	title := statusWords()["title"]
	head := webpage.Head{
		Title:  webpage.Text{EN: s.Service + ": " + title.EN, KO: s.Service + " " + title.KO},
		Schema: s.Schema, Language: "en",
	}
	p := webpage.Page{HTML: statusHTML, CSS: statusCSS, JS: statusJS, Words: statusWords(), Functions: statusFunctions()}
	return p.Write(w, head, statusDocument{Status: s, Matrix: newMatrix(s)})
}
