package problem

import "strings"

// FirstLine returns an error's first line without its remedy, for a place where there is room for no more.
func FirstLine(err error) string {
	text := err.Error()
	if p := As(err); p != nil {
		text = p.Err.Error()
	}
	line, _, _ := strings.Cut(text, "\n")
	return line
}
