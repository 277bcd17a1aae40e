package escape

import (
	"strings"
	"unicode"
)

// zeroWidthSpace is a zero-width space: in the middle of a mark it changes nothing that a reader sees.
const zeroWidthSpace = "\u200b"

// Runner returns a line that the runner of GitHub Actions does not read as a workflow command. The runner takes them from
// lines that begin with "::" after white space of any kind, and from "##[" anywhere in a line
// (actions/runner, src/Runner.Common/ActionCommand.cs).
func Runner(line string) string {
	if at := strings.Index(line, "::"); at >= 0 && !strings.ContainsFunc(line[:at], isInk) {
		line = line[:at+1] + zeroWidthSpace + line[at+1:]
	}
	return strings.ReplaceAll(line, "##[", "##"+zeroWidthSpace+"[")
}

// isInk reports whether a character shows: what does not may be white space to a parser.
func isInk(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r)
}

// Command returns a workflow command. Properties come in pairs of key and value; empty values are left out.
func Command(name, message string, properties ...string) string {
	var pairs []string
	for i := 0; i+1 < len(properties); i += 2 {
		if properties[i+1] != "" {
			pairs = append(pairs, properties[i]+"="+commandProperty(properties[i+1]))
		}
	}
	if len(pairs) > 0 {
		name += " " + strings.Join(pairs, ",")
	}
	return "::" + name + "::" + commandData(message)
}

func commandData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func commandProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}

// JSON returns a JSON document, whose only "##[" are within strings, without one.
func JSON(document string) string { return strings.ReplaceAll(document, "##[", `##\u005b`) }
