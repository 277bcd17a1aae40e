package scaffold

import (
	"encoding/xml"
	"strings"
)

// withProperty adds a property to the project's own in a pom.xml, and leaves every other byte as it is; it is false for a
// file that is no such document.
func withProperty(pom, property string) (string, bool) {
	d := xml.NewDecoder(strings.NewReader(pom))
	var path []string
	end := int64(-1) // where the project's element ends
	for {
		start := d.InputOffset()
		token, err := d.Token()
		if err != nil {
			break
		}
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, token.Name.Local)
			if strings.Join(path, "/") == "project/properties" {
				return insertLine(pom, d.InputOffset(), property), true
			}
		case xml.EndElement:
			if len(path) == 1 && path[0] == "project" {
				end = start
			}
			path = path[:len(path)-1]
		}
	}
	if end < 0 || !strings.HasPrefix(pom[end:], "</") {
		return pom, false
	}
	indent := indentOf(pom)
	line := indent + "<properties>\n" + indent + indent + property + "\n" + indent + "</properties>\n"
	return pom[:end] + withEnds(pom, line) + pom[end:], true
}

// insertLine puts a line below the element that ends at an offset, indented as the next line is.
func insertLine(text string, offset int64, line string) string {
	rest := text[offset:]
	next := strings.TrimLeft(rest, "\r\n")
	indent := next[:len(next)-len(strings.TrimLeft(next, " \t"))]
	return text[:offset] + withEnds(text, "\n"+indent+line) + rest
}

// indentOf is the indentation of the first indented line.
func indentOf(text string) string {
	for line := range strings.Lines(text) {
		if trimmed := strings.TrimLeft(line, " \t"); trimmed != line && strings.TrimSpace(trimmed) != "" {
			return line[:len(line)-len(trimmed)]
		}
	}
	return "  "
}

// withEnds returns lines the line ends that a text has.
func withEnds(text, lines string) string {
	if strings.Contains(text, "\r\n") {
		return strings.ReplaceAll(lines, "\n", "\r\n")
	}
	return lines
}
