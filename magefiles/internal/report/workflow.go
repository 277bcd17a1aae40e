package report

import (
	"fmt"
	"strings"
)

// Workflow commands of GitHub Actions. The runner reads them from any line of the log that starts with "::" after
// spaces, and from "##[" anywhere in a line (actions/runner, src/Runner.Common/ActionCommand.cs).

// command gives a workflow command. Properties come in pairs of key and value; empty values are left out.
func command(name, message string, properties ...string) string {
	var pairs []string
	for i := 0; i+1 < len(properties); i += 2 {
		if properties[i+1] != "" {
			pairs = append(pairs, properties[i]+"="+escapeProperty(properties[i+1]))
		}
	}
	if len(pairs) > 0 {
		name += " " + strings.Join(pairs, ",")
	}
	return "::" + name + "::" + escapeData(message)
}

func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}

// defuse keeps text that others wrote from being read as a workflow command. A zero-width space in the middle of the
// mark changes nothing that a reader sees.
func defuse(line string) string {
	const gap = "\u200b"
	if strings.HasPrefix(strings.TrimLeft(line, " \t"), "::") {
		line = strings.Replace(line, "::", ":"+gap+":", 1)
	}
	return strings.ReplaceAll(line, "##[", "##"+gap+"[")
}

// annotation is the ::error or ::warning command of an error. GitHub shows it at the file's line where the file is one
// of the checkout; a place in another repository (owner/name@branch:path) goes into the text instead.
func annotation(level, title string, e Error) string {
	lines := cleanLines(e.Message)
	var file, line, column string
	if e.Place != nil {
		if p := e.Place; p.File != "" && !strings.ContainsAny(p.File, "@:") {
			file, line, column = p.File, number(p.Line), number(p.Column)
		} else if p.File != "" && len(lines) > 0 {
			lines[0] = clean(p.String()) + ": " + lines[0]
		}
		lines = append(lines, snippetLines(e.Place.Snippet)...)
	}
	for _, remedy := range cleanLines(e.Remedy) {
		lines = append(lines, "→ "+remedy)
	}
	return command(level, strings.Join(lines, "\n"), "file", clean(file), "line", line, "col", column, "title", clean(title))
}

func number(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprint(n)
}
