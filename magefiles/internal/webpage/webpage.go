// Package webpage writes pages for people, each as one file of HTML: they load nothing, hold both languages,
// follow the reader's light or dark, and work without their script. What one page shows is its own.
package webpage

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"maps"
)

// The parts that all pages share. Style and script are within the page, and the policy allows these two and nothing else.
var (
	//go:embed frame.html
	frameHTML string
	//go:embed frame.css
	frameCSS string
	//go:embed frame.js
	frameJS string
)

// Page is one kind of page. Its HTML defines the template body: a link of class skip, a header with the template
// languages, and a main. The templates b, icon, time and link, and the functions t, iso, plain,
// short, web and pair are for all.
type Page struct {
	HTML, CSS, JS string // its own, beside the frame's
	Words         map[string]Text
	Functions     template.FuncMap
}

// Head holds the metadata of a page.
type Head struct {
	Title    Text
	Schema   string // of the data that it shows: it marks the file as one of astrago-ci
	Language string // "ko" or "en", where the page's script does not run; with it the reader's own
}

// frameData is the data of the frame's template.
type frameData struct {
	Head
	Policy string
	CSS    template.CSS
	JS     template.JS
	Data   any
}

// Write writes the page. Everything that others wrote (titles, reasons, messages, names) is escaped; only links to http
// and https stay links.
func (p Page) Write(w io.Writer, head Head, data any) error {
	parsed := template.New("frame").Funcs(p.functions())
	for _, text := range []string{frameHTML, p.HTML} {
		if _, err := parsed.Parse(text); err != nil {
			return fmt.Errorf("reading the page's template: %w", err)
		}
	}
	css, js := frameCSS+p.CSS, frameJS+p.JS
	f := frameData{
		Head: head, Policy: contentPolicy(css, js), CSS: template.CSS(css), JS: template.JS(js),
		Data: data,
	} //nolint:gosec // files of these packages
	if err := parsed.ExecuteTemplate(w, "frame", f); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

func (p Page) functions() template.FuncMap {
	all := templateFunctions(p.Words)
	maps.Copy(all, p.Functions)
	return all
}

// contentPolicy is the page's Content-Security-Policy: nothing but the very style and script that are in it, and the
// empty icon, without which a browser asks the server for one
// (https://www.w3.org/TR/CSP3/#framework-directive-source-list).
func contentPolicy(css, js string) string {
	return fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; img-src data:; base-uri 'none'; form-action "+
		"'none'", sourceHash(css), sourceHash(js))
}

func sourceHash(content string) string {
	digest := sha256.Sum256([]byte(content))
	return base64.StdEncoding.EncodeToString(digest[:])
}
