// Package page writes a status as one file of HTML that a team hangs on a wall: it asks nobody for anything, holds both
// languages, follows the reader's light or dark, and is read by screen readers as what it is, a table and a list.
package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// The parts of the page. The style and the script are within it, and the policy allows these two and nothing else.
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
	Policy string
	CSS    template.CSS
	JS     template.JS
	Status status.Status
	Matrix matrix
}

// Write writes the page. Everything that others wrote (titles, reasons, messages, names) is escaped; only links to http
// and https stay links.
func Write(w io.Writer, s status.Status) error {
	parsed, err := template.New("page").Funcs(functions()).Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("reading the page's template: %w", err)
	}
	d := document{
		Policy: policy(), CSS: template.CSS(pageCSS), JS: template.JS(pageJS), //nolint:gosec // files of this package
		Status: s, Matrix: newMatrix(s),
	}
	if err := parsed.Execute(w, d); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// policy is the page's Content-Security-Policy: nothing but the very style and script that are in it, and the
// empty icon, without which a browser asks the server for one
// (https://www.w3.org/TR/CSP3/#framework-directive-source-list).
func policy() string {
	return fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; img-src data:; base-uri 'none'; form-action 'none'", sum(pageCSS), sum(pageJS))
}

func sum(content string) string {
	digest := sha256.Sum256([]byte(content))
	return base64.StdEncoding.EncodeToString(digest[:])
}
