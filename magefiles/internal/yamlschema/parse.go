package yamlschema

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// quoteTemplate is the remedy for a template that YAML reads as a flow mapping.
const quoteTemplate = "put a value with a template into single quotes: '{{ .Component }}'"

// parseDocument returns the root of the only document. yq's own parser is used: it is the stricter of the two in the
// module graph (control characters, undefined anchors), and the one that later reads the values files.
func (t *Text) parseDocument(data []byte, emptyRemedy string) (*yaml.Node, *problem.Problem) {
	if !utf8.Valid(data) {
		return nil, t.notUTF8(data)
	}
	if p := t.checkCharacters(); p != nil {
		return nil, p
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithV4Defaults())
	if err != nil {
		return nil, problem.New(problem.Failed, "", "making a YAML parser: %w", err)
	}
	var document, second yaml.Node
	err = loader.Load(&document)
	if errors.Is(err, io.EOF) || err == nil && len(document.Content) == 0 {
		return nil, t.problemAt(1, 1, emptyRemedy, "the file is empty")
	}
	if err != nil {
		return nil, t.syntaxProblem(err)
	}
	switch err = loader.Load(&second); {
	case err == nil:
		return nil, t.problemAt(second.Line, second.Column, "remove `---` and what follows", "a second YAML document starts here")
	case !errors.Is(err, io.EOF):
		return nil, t.syntaxProblem(err)
	}
	return document.Content[0], nil
}

// checkCharacters refuses what YAML forbids, and the line ends of Unicode: editors and YAML disagree on where a line ends there.
func (t *Text) checkCharacters() *problem.Problem {
	for i, line := range t.lines {
		column := 0
		for _, r := range line {
			column++
			if unicode.IsControl(r) && r != '\t' || strings.ContainsRune("\u2028\u2029\ufeff", r) {
				return t.problemAt(i+1, column, "delete it", "the character %U may not stand in YAML", r)
			}
		}
	}
	return nil
}

func (t *Text) notUTF8(data []byte) *problem.Problem {
	const remedy = "save the file as UTF-8"
	for line, b := range bytes.Split(data, []byte("\n")) {
		for column := 1; len(b) > 0; column++ {
			r, size := utf8.DecodeRune(b)
			if r == utf8.RuneError && size == 1 {
				return t.problemAt(line+1, column, remedy, "the byte 0x%02x is not UTF-8", b[0])
			}
			b = b[size:]
		}
	}
	return problem.New(problem.Usage, remedy, "the file is not UTF-8").At(problem.Place{File: t.path})
}

// syntaxProblem places the parser's error. For a bracket or quote that is never closed it is the place where it was opened.
func (t *Text) syntaxProblem(err error) *problem.Problem {
	failure, ok := errors.AsType[*yaml.LoadError](err)
	if !ok {
		return problem.New(problem.Usage, "", "parsing YAML: %w", err).At(problem.Place{File: t.path})
	}
	at, message := failure.Mark, failure.Message
	switch failure.ContextMsg {
	case "while scanning a quoted scalar":
		if strings.Contains(message, "unexpected") {
			at, message = failure.ContextMark, "this quote is never closed"
		}
	case "while parsing a flow sequence", "while parsing a flow mapping":
		at, message = failure.ContextMark, "this bracket is never closed, or a comma is missing"
	}
	line, column := at.Line, max(1, at.Column)
	if line < 1 || line > len(t.lines) { // the parser has read past the last line
		line, column = len(t.lines), 1
	}
	return t.problemAt(line, column, t.syntaxRemedy(message, line, column), "parsing YAML: %s", message)
}

// syntaxRemedy knows the mistakes that people make: a template without quotes, a tab, a colon in a plain value.
func (t *Text) syntaxRemedy(message string, line, column int) string {
	source := []rune(t.lines[line-1])
	switch {
	case column <= len(source) && source[column-1] == '\t':
		return "indent with spaces; YAML takes no tabs"
	case strings.Contains(message, "never closed"):
		return "close it; within single quotes, write a single quote twice"
	case strings.Contains(message, "unknown anchor"):
		return "write the anchor (`&name`) above the alias (`*name`), or quote the value"
	case strings.Contains(message, "escape"):
		return "write a backslash twice, or use single quotes"
	case strings.Contains(string(source), "{{"):
		return quoteTemplate
	default:
		return "check the indentation against the lines above, and quote a value that holds `: ` or ` #`"
	}
}
