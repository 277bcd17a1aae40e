package values

import (
	"errors"
	"strings"
)

// block is a literal or folded scalar in the text (YAML 1.2, 8.1).
type block struct {
	chomping int    // offset of + or - in the header, or -1
	indent   string // white space before each line of the content
	content  span   // from the start of the first line below the header to the end of the last line with text
}

// replaceBlock gives the block scalar at at one line of content, value, and removes its final line break from what it
// reads as.
func (s *source) replaceBlock(at int, value string) ([]replacement, error) {
	if strings.ContainsFunc(value, isInvisible) || strings.TrimSpace(value) != value {
		return nil, errors.New("the new value would not stay as it is in a block scalar (| or >)")
	}
	b, err := s.block(at)
	if err != nil {
		return nil, err
	}
	body := replacement{span: b.content, text: b.indent + value}
	switch {
	case b.chomping < 0:
		return []replacement{{span: span{at + 1, at + 1}, text: "-"}, body}, nil
	case s.doc[b.chomping] == '+':
		return []replacement{{span: span{b.chomping, b.chomping + 1}, text: "-"}, body}, nil
	default:
		return []replacement{body}, nil
	}
}

// block finds the parts of the block scalar whose | or > is at at.
func (s *source) block(at int) (block, error) {
	b := block{chomping: -1}
	header := s.lineEnd(at)
	for i := at + 1; i < header && !isBlank(s.doc[i]); i++ {
		switch s.doc[i] {
		case '+', '-':
			b.chomping = i
		default:
			return b, errors.New("a block scalar (| or >) with an indentation indicator is not supported")
		}
	}
	first := s.lineAt(at) + 1
	line := first
	for line <= len(s.lines) && b.take(s.line(line), s.lines[line-1]) {
		line++
	}
	if b.indent == "" {
		return b, errors.New("the block scalar (| or >) is empty")
	}
	b.content.start = s.lines[first-1]
	return b, nil
}

// take adds a line of the text, which starts at offset, to the block; false says that the line stands below the block.
// An empty line belongs to the content only when content follows.
func (b *block) take(line string, offset int) bool {
	indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
	switch {
	case indent == line && len(line) <= len(b.indent), indent == line && b.indent == "":
		return true
	case indent == "" || !strings.HasPrefix(indent, b.indent):
		return false
	case b.indent == "":
		b.indent = indent
	}
	b.content.end = offset + len(line)
	return true
}
