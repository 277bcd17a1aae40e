package console

import "github.com/xiilab/astrago-ci/magefiles/internal/report"

// style paints text for a terminal; off, it changes nothing. The sixteen colours follow the reader's own theme, dark or
// light.
type style struct{ on bool }

func (s style) paint(code, text string) string {
	if !s.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) bold(text string) string { return s.paint("1", text) }

func (s style) dim(text string) string { return s.paint("2", text) }

func (s style) red(text string) string { return s.paint("31", text) }

func (s style) green(text string) string { return s.paint("32", text) }

func (s style) yellow(text string) string { return s.paint("33", text) }

func (s style) cyan(text string) string { return s.paint("36", text) }

// mark is the sign in front of a finished stage or run.
func (s style) mark(o report.Outcome) string {
	switch o {
	case report.Done:
		return s.green(o.Mark())
	case report.NothingToDo, report.Skipped:
		return s.dim(o.Mark())
	case report.Refused, report.Cancelled:
		return s.yellow(o.Mark())
	}
	return s.red(o.Mark())
}
