// Package astragoci carries what the compiled targets need of this repository: its version, the templates that an
// application repository receives, and where its sources are.
package astragoci

import (
	"embed"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
)

//go:embed VERSION
var version string

// templates has the files that begin with a dot, too, and of the directory what is written into repositories.
//
//go:embed all:templates/backend all:templates/frontend all:templates/generic
var templates embed.FS

// Templates are the files that an application repository receives, below the kinds of applications: backend, frontend,
// generic for all of them.
func Templates() (fs.FS, error) { return fs.Sub(templates, "templates") }

//go:embed go.mod
var module string

// GoVersion is the Go that this repository is compiled with at least, such as 1.26.0 (go.dev/ref/mod#go-mod-file-go).
func GoVersion() string {
	for line := range strings.Lines(module) {
		if version, ok := strings.CutPrefix(line, "go "); ok {
			return strings.TrimSpace(version)
		}
	}
	return ""
}

// Version is this repository's version, without a leading v (semver.org).
func Version() string { return strings.TrimSpace(version) }

// SourceDir is the directory of this repository at the time of compilation, empty when the binary was built with
// -trimpath. It may be gone by now.
func SourceDir() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return ""
	}
	return filepath.Dir(file)
}
