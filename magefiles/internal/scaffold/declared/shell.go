package declared

import "strings"

// logicalLine is a line of a script with those that continue it.
type logicalLine struct {
	text   string
	number int // of its first line, from 1
}

func logicalLines(script string) (lines []logicalLine) {
	var open *logicalLine
	number := 0
	for raw := range strings.Lines(script) {
		number++
		text := strings.TrimRight(raw, "\r\n")
		continued := strings.HasSuffix(text, `\`)
		text = strings.TrimSuffix(text, `\`)
		if open == nil {
			lines = append(lines, logicalLine{number: number})
			open = &lines[len(lines)-1]
		}
		if open.text += text + " "; !continued {
			open = nil
		}
	}
	return lines
}

// commands splits a line of shell into commands, and each into words without their quotes. Variables stay as they are.
func commands(line string) [][]string {
	var l lexer
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case l.bare() && strings.IndexByte(" \t", c) >= 0:
			l.endWord()
		case l.bare() && strings.IndexByte(";&|", c) >= 0:
			l.endCommand()
		case l.bare() && c == '#' && !l.inWord:
			l.endCommand()
			return l.all
		case c == '\\' && l.quote != '\'' && i+1 < len(line):
			i++
			l.add(line[i])
		default:
			l.read(c, line[i+1:])
		}
	}
	l.endCommand()
	return l.all
}

// lexer is the state of reading a line.
type lexer struct {
	all    [][]string
	words  []string
	word   strings.Builder
	inWord bool
	quote  byte // that is open
	depth  int  // of $( and ${
}

// bare reports whether spaces and operators count here.
func (l *lexer) bare() bool { return l.quote == 0 && l.depth == 0 }

func (l *lexer) add(c byte) {
	l.word.WriteByte(c)
	l.inWord = true
}

// read takes a character that is part of a word, or a quote around one.
func (l *lexer) read(c byte, rest string) {
	switch {
	case l.quote == 0 && (c == '"' || c == '\''):
		l.quote, l.inWord = c, true
		return
	case l.quote != 0 && c == l.quote:
		l.quote = 0
		return
	case c == '$' && (strings.HasPrefix(rest, "(") || strings.HasPrefix(rest, "{")):
		l.depth++
	case l.depth > 0 && (c == ')' || c == '}'):
		l.depth--
	}
	l.add(c)
}

func (l *lexer) endWord() {
	if l.inWord {
		l.words = append(l.words, l.word.String())
	}
	l.word.Reset()
	l.inWord = false
}

func (l *lexer) endCommand() {
	if l.endWord(); len(l.words) > 0 {
		l.all = append(l.all, l.words)
	}
	l.words = nil
}
