package build

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/moby/buildkit/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

// ttyView redraws a row for each component and one for all of them, below which the cursor stands. A row leaves the last
// column free, where terminals differ in when they wrap.
type ttyView struct {
	out   *printer
	size  func() (columns, rows int)
	drawn []int    // columns of each row on the screen
	above []string // what is to be written above the rows, where it stays
}

func (v *ttyView) status(*track, *client.SolveStatus) {}
func (v *ttyView) line(*track, string)                {}
func (v *ttyView) beat(*track, string)                {}
func (v *ttyView) finish(*track)                      {}
func (v *ttyView) notice(t *track, text string)       { v.above = append(v.above, plain(t.name+": "+text)) }
func (v *ttyView) tick(b *board)                      { v.draw(b, b.now()) }
func (v *ttyView) close(b *board)                     { v.draw(b, b.now()) }

func (v *ttyView) draw(b *board, now time.Time) {
	columns, rows := v.screen()
	var text strings.Builder
	if up := v.height(columns); up > 0 {
		fmt.Fprintf(&text, "\x1b[%dA", min(up, rows-1)) // cursor up (ECMA-48 CUU)
	}
	for _, line := range v.above {
		text.WriteString("\r\x1b[J" + line + "\n") // erase the rows before (ECMA-48 ED)
	}
	v.drawn, v.above = v.drawn[:0], nil
	for _, t := range shown(b.tracks, rows-2) {
		v.add(&text, v.row(b, t, columns-1, now))
	}
	if len(b.tracks) > 1 {
		v.add(&text, v.out.paint(bold, fit(total(b, now), columns-1)))
	}
	text.WriteString("\x1b[J") // erase what is left of the rows before (ECMA-48 ED)
	v.out.print(text.String())
}

// screen is the size of the terminal, or of the first ones where it does not say.
func (v *ttyView) screen() (columns, rows int) {
	if v.size != nil {
		columns, rows = v.size()
	}
	return max(cmp.Or(columns, 80), 20), max(cmp.Or(rows, 24), 4)
}

// height is how many rows of the screen the last drawing takes: a terminal that became narrower has wrapped it.
func (v *ttyView) height(columns int) int {
	n := 0
	for _, width := range v.drawn {
		n += max(1, (width+columns-1)/columns)
	}
	return n
}

func (v *ttyView) add(text *strings.Builder, row string) {
	v.drawn = append(v.drawn, terminal.Columns(plain(row)))
	text.WriteString("\r" + row + "\x1b[K\n") // erase to the end of the line (ECMA-48 EL)
}

// shown are the components that have a row: all, or, where the screen has fewer, those that run and those that failed.
func shown(tracks []*track, rows int) []*track {
	if len(tracks) <= rows {
		return tracks
	}
	var some []*track
	for _, state := range []state{running, failed} {
		for _, t := range tracks {
			if t.state() == state && len(some) < rows {
				some = append(some, t)
			}
		}
	}
	return some
}

func (v *ttyView) row(b *board, t *track, columns int, now time.Time) string {
	label := fit(t.name, min(b.width, columns/3))
	switch t.state() {
	case waiting:
		return v.out.paint(dim, "  "+label+"  waiting")
	case built:
		return v.out.paint(green, "✓") + clip(" "+label+"  "+t.summary(), columns-1)
	case failed, cancelled:
		return v.out.paint(red, "✗") + clip(" "+label+"  "+t.summary(), columns-1)
	}
	left := "  " + label + "  " + terminal.Pad(t.progress(), 19) + " "
	doing, moved := t.doing()
	right := fmt.Sprintf("%s %7s", moved, seconds(t.elapsed(now)))
	room := columns - terminal.Columns(left) - len(right) - 1
	if room < 8 {
		return clip(left+doing, columns)
	}
	return left + v.out.paint(dim, fit(doing, room)) + " " + right
}

// progress is how many of the steps known so far are done.
func (t *track) progress() string {
	text := fmt.Sprintf("%d/%d steps", t.done, len(t.states))
	if t.cached > 0 {
		text += fmt.Sprintf(", %d cached", t.cached)
	}
	return text
}

// total counts the components by state, and the steps of all.
func total(b *board, now time.Time) string {
	var count [states]int
	var all, done int
	for _, t := range b.tracks {
		count[t.state()]++
		all, done = all+len(t.states), done+t.done
	}
	parts := []string{fmt.Sprintf("%d of %d images in %s", count[built], len(b.tracks), seconds(now.Sub(b.started)))}
	for _, state := range []state{failed, running, waiting, cancelled} {
		if n := count[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	parts = append(parts, fmt.Sprintf("%d/%d steps", done, all))
	return "  " + strings.Join(parts, ", ")
}

// doing is what the component is at: the running step with the last line that it printed, and the bytes that it moves.
func (t *track) doing() (text, moved string) {
	st := t.current()
	if st == nil {
		return "…", ""
	}
	text = strings.TrimPrefix(st.name, "[internal] ")
	if n := len(st.held); n > 0 {
		text += "  " + st.held[n-1].text
	}
	return text, st.moved()
}

// plain is text without what would move the cursor or change colours.
func plain(text string) string {
	for {
		before, after, found := strings.Cut(text, "\x1b[")
		if !found {
			break
		}
		end := strings.IndexFunc(after, func(r rune) bool { return r >= 0x40 && r <= 0x7e })
		text = before + after[end+1:]
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

func clip(text string, columns int) string { return terminal.Clip(plain(text), columns) }

// fit makes text exactly columns wide.
func fit(text string, columns int) string { return terminal.Pad(clip(text, columns), columns) }
