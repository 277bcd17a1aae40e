package summary

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

const (
	ganttStages = 100 // GitHub draws no diagram of more than 50,000 characters
	ganttName   = 60  // characters of a stage's name
	ganttLeast  = 100 // a bar has at least this part of the whole, so that the shortest stage is seen
)

// writeGantt draws when the stages ran, as a diagram of mermaid (https://mermaid.js.org/syntax/gantt.html), which GitHub shows.
// One stage alone says no more than the table.
func (m *markdown) writeGantt(r report.Report) {
	stages := r.RanStages()
	if len(stages) < 2 {
		return
	}
	whole := r.Span()
	lines := make([]string, min(len(stages), ganttStages))
	for i := range lines {
		lines[i] = ganttTask(i, stages[i], r.Started, whole)
	}
	open := "```mermaid\ngantt\n  accTitle: Stages\n  dateFormat YYYY-MM-DD HH:mm:ss.SSS\n  axisFormat " + ganttAxis(whole) + "\n"
	m.block(open, lines, "```\n")
}

// ganttAxis counts from the start of the run. The reader's time zone changes nothing: mermaid reads and writes local times.
func ganttAxis(whole time.Duration) string {
	switch {
	case whole < 10*time.Second:
		return "%S.%L"
	case whole < time.Hour:
		return "%M:%S"
	}
	return "%H:%M:%S"
}

func ganttTask(i int, s report.Timing, started time.Time, whole time.Duration) string {
	midnight := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	begin := midnight.Add(max(0, s.Started.Sub(started)))
	name, tag := ganttText(s.Name)+" "+report.Seconds(s.Seconds), ""
	if s.Outcome != report.Done {
		name, tag = name+" "+ganttText(string(s.Outcome)), "crit, "
	}
	took := max(s.Took(), whole/ganttLeast, time.Millisecond)
	return fmt.Sprintf("  %s :%ss%d, %s, %dms", name, tag, i, begin.Format("2006-01-02 15:04:05.000"), took.Milliseconds())
}

// ganttText keeps letters and digits: colons, semicolons, number signs and percent signs end a task's name, and mermaid has
// no escape for them.
func ganttText(s string) string {
	words := strings.FieldsFunc(escape.Line(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
	if len(words) == 0 || slices.Contains(ganttKeywords(), strings.ToLower(words[0])) {
		words = append([]string{"stage"}, words...)
	}
	return escape.Shorten(strings.Join(words, " "), ganttName)
}

// ganttKeywords are the words that begin a line of another kind.
func ganttKeywords() []string {
	return []string{
		"gantt", "section", "title", "click", "dateformat", "axisformat", "tickinterval", "todaymarker", "includes", "excludes",
		"weekday", "weekend", "inclusiveenddates", "topaxis", "acctitle", "accdescr",
	}
}
