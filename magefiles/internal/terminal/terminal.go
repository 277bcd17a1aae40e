// Package terminal knows what a terminal can show: whether a file is one, how large it is, and how wide text is on it.
package terminal

import (
	"os"

	"golang.org/x/term"
)

// Is reports whether f is a terminal that redraws lines. On Windows it makes the console do so.
func Is(f *os.File) bool { return term.IsTerminal(int(f.Fd())) && escapes(f) }

// Size returns the columns and rows that f has now; 0 means unknown. They change while a program runs.
func Size(f *os.File) (columns, rows int) {
	columns, rows, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0, 0
	}
	return columns, rows
}
