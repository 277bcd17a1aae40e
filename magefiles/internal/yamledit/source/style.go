package source

import (
	"fmt"
	"regexp"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// Render writes value in the given style, or in double quotes where it would not stay that string in it.
func Render(value string, style yaml.Style, inFlow bool) string {
	switch {
	case style&yaml.DoubleQuotedStyle != 0 || strings.ContainsFunc(value, IsInvisible):
		return doubleQuoted(value)
	case style&yaml.SingleQuotedStyle != 0:
		return "'" + strings.ReplaceAll(value, "'", "''") + "'"
	case isPlain(value, inFlow):
		return value
	default:
		return doubleQuoted(value)
	}
}

// doubleQuoted escapes as YAML does (1.2, 5.7), and not as Go does.
func doubleQuoted(value string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range value {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case IsInvisible(r):
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// otherType matches plain text that some YAML reader takes for null, a truth value, a number, a date or a merge key.
// Helm reads YAML 1.1 (https://yaml.org/type/), Go's and JavaScript's libraries mix it with YAML 1.2 (10.3.2).
var otherType = regexp.MustCompile(`^(?i:` +
	`~|null|y|n|yes|no|on|off|true|false|=|<<|[-+]?\.(inf|nan)|\.\.\.( .*)?` + // words, and the end of a document
	`|[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?0x[0-9a-f_]+` + // integers of other bases
	`|[-+]?([0-9][0-9_]*\.?[0-9_]*|\.[0-9_]+)(e[-+]?[0-9_]+)?` + // decimal numbers
	`|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?` + // base 60
	`|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([t \t].*)?` + // dates
	`)$`)

// isPlain reports whether value can stand without quotes (YAML 1.2, 7.3.3) and every reader takes it for a string.
func isPlain(value string, inFlow bool) bool {
	if value == "" || otherType.MatchString(value) {
		return false
	}
	if strings.TrimSpace(value) != value || strings.ContainsAny(value[:1], "-?:,[]{}#&*!|>'\"%@`") && !isPlainDash(value) {
		return false
	}
	if inFlow && (strings.ContainsAny(value, ",[]{}?") || value[0] == ':') { // go-yaml takes such a colon for the end of a key
		return false
	}
	return !strings.HasSuffix(value, ":") && !strings.Contains(value, ": ") && !strings.Contains(value, ":\t") &&
		!strings.Contains(value, " #") && !strings.Contains(value, "\t#")
}

// isPlainDash: a dash, question mark or colon may begin plain text when no space follows.
func isPlainDash(value string) bool {
	return len(value) > 1 && strings.ContainsAny(value[:1], "-?:") && !strings.ContainsAny(value[1:2], " \t-?:,[]{}")
}
