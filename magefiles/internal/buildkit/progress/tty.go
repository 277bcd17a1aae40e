package progress

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

func (v *ttyView) onStatus(*Component, *client.SolveStatus) {}
func (v *ttyView) onLine(*Component, string)                {}
func (v *ttyView) onHeartbeat(*Component, string)           {}
func (v *ttyView) onFinish(*Component)                      {}
func (v *ttyView) onNotice(t *Component, text string) {
	v.above = append(v.above, stripControls(string(t.name)+": "+text))
}
func (v *ttyView) onTick(b *Model)  { v.drawRows(b, b.now()) }
func (v *ttyView) onClose(b *Model) { v.drawRows(b, b.now()) }

func (v *ttyView) drawRows(b *Model, now time.Time) {
	columns, rows := v.screenSize()
	var text strings.Builder
	if up := v.drawnHeight(columns); up > 0 {
		fmt.Fprintf(&text, "\x1b[%dA", min(up, rows-1)) // cursor up (ECMA-48 CUU)
	}
	for _, line := range v.above {
		text.WriteString("\r\x1b[J" + line + "\n") // erase the rows before (ECMA-48 ED)
	}
	v.drawn, v.above = v.drawn[:0], nil
	for _, t := range visibleComponents(b.Tracks, rows-2) {
		v.addRow(&text, v.componentRow(b, t, columns-1, now))
	}
	if len(b.Tracks) > 1 {
		v.addRow(&text, v.out.colorize(styleBold, fitText(totalRow(b, now), columns-1)))
	}
	text.WriteString("\x1b[J") // erase what is left of the rows before (ECMA-48 ED)
	v.out.printText(text.String())
}

// screenSize is the size of the terminal, or of the first ones where it does not say.
func (v *ttyView) screenSize() (columns, rows int) {
	if v.size != nil {
		columns, rows = v.size()
	}
	return max(cmp.Or(columns, 80), 20), max(cmp.Or(rows, 24), 4)
}

// drawnHeight returns the number of screen rows that the last drawing takes: a terminal that became narrower has wrapped it.
func (v *ttyView) drawnHeight(columns int) int {
	n := 0
	for _, width := range v.drawn {
		n += max(1, (width+columns-1)/columns)
	}
	return n
}

func (v *ttyView) addRow(text *strings.Builder, row string) {
	v.drawn = append(v.drawn, terminal.Columns(stripControls(row)))
	text.WriteString("\r" + row + "\x1b[K\n") // erase to the end of the line (ECMA-48 EL)
}

// visibleComponents are the components that have a row: all, or, where the screen has fewer, those that run and those that failed.
func visibleComponents(tracks []*Component, rows int) []*Component {
	if len(tracks) <= rows {
		return tracks
	}
	var some []*Component
	for _, state := range []componentState{stateRunning, stateFailed} {
		for _, t := range tracks {
			if t.currentState() == state && len(some) < rows {
				some = append(some, t)
			}
		}
	}
	return some
}

func (v *ttyView) componentRow(b *Model, t *Component, columns int, now time.Time) string {
	label := fitText(string(t.name), min(b.width, columns/3))
	switch t.currentState() {
	case stateWaiting:
		return v.out.colorize(styleDim, "  "+label+"  waiting")
	case stateBuilt:
		return v.out.colorize(styleGreen, "✓") + clipText(" "+label+"  "+t.summaryLine(), columns-1)
	case stateFailed, stateCancelled:
		return v.out.colorize(styleRed, "✗") + clipText(" "+label+"  "+t.summaryLine(), columns-1)
	}
	left := "  " + label + "  " + terminal.Pad(t.stepsText(), 19) + " "
	doing, moved := t.activityText()
	right := fmt.Sprintf("%s %7s", moved, formatSeconds(t.elapsedAt(now)))
	room := columns - terminal.Columns(left) - len(right) - 1
	if room < 8 {
		return clipText(left+doing, columns)
	}
	return left + v.out.colorize(styleDim, fitText(doing, room)) + " " + right
}

// stepsText returns the number of completed steps, of those known so far.
func (t *Component) stepsText() string {
	text := fmt.Sprintf("%d/%d steps", t.done, len(t.states))
	if t.cached > 0 {
		text += fmt.Sprintf(", %d cached", t.cached)
	}
	return text
}

// totalRow counts the components by state, and the steps of all.
func totalRow(b *Model, now time.Time) string {
	var count [stateCount]int
	var all, done int
	for _, t := range b.Tracks {
		count[t.currentState()]++
		all, done = all+len(t.states), done+t.done
	}
	parts := []string{fmt.Sprintf("%d of %d images in %s", count[stateBuilt], len(b.Tracks), formatSeconds(now.Sub(b.started)))}
	for _, state := range []componentState{stateFailed, stateRunning, stateWaiting, stateCancelled} {
		if n := count[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	parts = append(parts, fmt.Sprintf("%d/%d steps", done, all))
	return "  " + strings.Join(parts, ", ")
}

// activityText returns the component's current activity: the running step with the last line that it printed, and the bytes that it moves.
func (t *Component) activityText() (text, moved string) {
	st := t.currentStep()
	if st == nil {
		return "…", ""
	}
	text = strings.TrimPrefix(st.name, "[internal] ")
	if n := len(st.held); n > 0 {
		text += "  " + st.held[n-1].text
	}
	return text, st.transferText()
}

// stripControls is text without what would move the cursor or change colours.
func stripControls(text string) string {
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

func clipText(text string, columns int) string { return terminal.Clip(stripControls(text), columns) }

// fitText makes text exactly columns wide.
func fitText(text string, columns int) string { return terminal.Pad(clipText(text, columns), columns) }
