package report

import (
	"os"

	"golang.org/x/term"
)

// Terminal tells whether f is a terminal that redraws lines, and how many columns it has; 0 means unknown.
func Terminal(f *os.File) (columns int, ok bool) {
	descriptor := int(f.Fd())
	if !term.IsTerminal(descriptor) || !escapes(f) {
		return 0, false
	}
	columns, _, err := term.GetSize(descriptor)
	if err != nil {
		return 0, true
	}
	return columns, true
}
