package yamlschema

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// contextLines is the number of lines that a snippet shows above the marked one: in YAML the parent stands above.
const contextLines = 2

// Text is the file as its reader sees it in an editor, for pointing at a position.
type Text struct {
	path  string
	lines []string // without their ends
	shown []string // the same lines with secrets masked; only these leave the process
}

// newText splits data, which starts after any byte order mark, at the line ends that YAML knows.
func newText(path string, data []byte) *Text {
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	lines := strings.Split(strings.ToValidUTF8(string(data), string(utf8.RuneError)), "\n")
	return &Text{path: path, lines: lines, shown: maskLines(lines)}
}

// Place points at a line and column, both from 1; positions outside the text give the file alone.
func (t *Text) Place(line, column int) problem.Place {
	if line < 1 || line > len(t.lines) {
		return problem.Place{File: t.path}
	}
	return problem.Place{File: t.path, Line: line, Column: column, Snippet: t.snippetAt(line, column)}
}

// problemAt is a mistake in the file. What it quotes is masked as the snippet is.
func (t *Text) problemAt(line, column int, remedy, format string, args ...any) *problem.Problem {
	message := maskTokens(fmt.Sprintf(format, args...))
	return problem.New(problem.Usage, maskTokens(remedy), "%s", message).At(t.Place(line, column))
}

// maskFrom masks the rest of a line.
func (t *Text) maskFrom(line, column int) {
	shown := []rune(t.shown[line-1])
	t.shown[line-1] = string(shown[:min(column-1, len(shown))]) + maskText
}

func (t *Text) snippetAt(line, column int) string {
	var b strings.Builder
	digits := len(strconv.Itoa(line))
	for n := max(1, line-contextLines); n <= line; n++ {
		mark := ' '
		if n == line {
			mark = '>'
		}
		fmt.Fprintf(&b, "  %c %*d | %s\n", mark, digits, n, t.shown[n-1])
	}
	fmt.Fprintf(&b, "    %*s | %s^", digits, "", markerPadding(t.shown[line-1], column-1))
	return b.String()
}

// markerPadding is white space as wide as the first n characters of line: a tab stays a tab, since only the terminal knows
// its stops, and East Asian wide characters take two cells (Unicode TR11).
func markerPadding(line string, n int) string {
	var b strings.Builder
	for _, r := range line {
		if n--; n < 0 {
			break
		}
		b.WriteString(blankOf(r))
	}
	return b.String()
}

func blankOf(r rune) string {
	if r == '\t' {
		return "\t"
	}
	if r >= 0x1160 && r <= 0x11ff { // Hangul vowels and finals of decomposed text join the cell of their initial
		return ""
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return "  "
	default:
		return " "
	}
}
