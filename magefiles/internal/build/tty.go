package build

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/moby/buildkit/client"
)

// ttyColumns is the width of a row. It leaves the last of 80 columns free, where terminals differ in when they wrap.
const ttyColumns = 79

// ttyView redraws a row for each component and one for all of them.
type ttyView struct {
	out   *printer
	drawn int // rows on the screen below which the cursor stands
}

func (v *ttyView) status(*track, *client.SolveStatus) {}
func (v *ttyView) line(*track, string)                {}
func (v *ttyView) beat(*track, string)                {}
func (v *ttyView) finish(*track)                      {}
func (v *ttyView) tick(b *board)                      { v.draw(b, time.Now()) }
func (v *ttyView) close(b *board)                     { v.draw(b, time.Now()) }

func (v *ttyView) draw(b *board, now time.Time) {
	var text strings.Builder
	if v.drawn > 0 {
		fmt.Fprintf(&text, "\x1b[%dA", v.drawn) // cursor up (ECMA-48 CUU)
	}
	rows := make([]string, 0, len(b.tracks)+1)
	for _, t := range b.tracks {
		rows = append(rows, v.row(t, now))
	}
	if len(b.tracks) > 1 {
		rows = append(rows, v.total(b, now))
	}
	for _, row := range rows {
		text.WriteString("\r\x1b[2K" + row + "\n") // erase the line (ECMA-48 EL)
	}
	v.drawn = len(rows)
	v.out.print(text.String())
}

func (v *ttyView) row(t *track, now time.Time) string {
	if !t.ended.IsZero() {
		mark, style := "✓", green
		if t.image == nil {
			mark, style = "✗", red
		}
		return v.out.paint(style, mark) + fit(fmt.Sprintf(" %s  %s", t.label, t.summary()), ttyColumns-1)
	}
	all, done, _ := t.counts()
	left := fmt.Sprintf("  %s  %s  ", t.label, steps(done, all))
	right := fmt.Sprintf(" %7s", seconds(t.elapsed(now)))
	return left + v.out.paint(dim, fit(t.doing(), ttyColumns-width(left)-width(right))) + right
}

func (v *ttyView) total(b *board, now time.Time) string {
	var built, all, done int
	var longest time.Duration
	for _, t := range b.tracks {
		a, d, _ := t.counts()
		all, done = all+a, done+d
		longest = max(longest, t.elapsed(now))
		if t.image != nil {
			built++
		}
	}
	text := fmt.Sprintf("  %d of %d images, %s, %s", built, len(b.tracks), steps(done, all), seconds(longest))
	return v.out.paint(bold, fit(text, ttyColumns))
}

func steps(done, all int) string { return fmt.Sprintf("%d/%d steps", done, all) }

// doing is what the component is at: the running instruction, and the last line that it printed.
func (t *track) doing() string {
	if t.started.IsZero() {
		return "waiting"
	}
	st := t.current
	if st == nil || !st.completed.IsZero() {
		return "…"
	}
	if tr := st.transfer; tr != nil && tr.Total > 0 && tr.Completed == nil {
		return fmt.Sprintf("%s  %s of %s", st.name, megabytes(tr.Current), megabytes(tr.Total))
	}
	if n := len(st.held); n > 0 {
		return st.name + "  " + st.held[n-1].text
	}
	return st.name
}

// fit makes text exactly columns wide. What would move the cursor or change colours is dropped.
func fit(text string, columns int) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text))
	used := 0
	for i, r := range runes {
		if used+runeWidth(r) > columns-1 && width(string(runes[i:])) > columns-used {
			return string(runes[:i]) + "…" + strings.Repeat(" ", columns-used-1)
		}
		used += runeWidth(r)
	}
	return string(runes) + strings.Repeat(" ", max(0, columns-used))
}

func width(text string) (n int) {
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

// runeWidth takes East Asian wide characters for two columns (Unicode Standard Annex 11, blocks that are wide).
func runeWidth(r rune) int {
	switch {
	case unicode.Is(unicode.Mn, r):
		return 0
	case unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana), r >= 0x1f300 && r <= 0x1faff, r >= 0xff01 && r <= 0xff60:
		return 2
	}
	return 1
}
