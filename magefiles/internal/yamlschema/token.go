package yamlschema

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// tokenPattern finds values that only a credential has: the prefixes that GitHub, GitLab, Slack and AWS document for
// secret scanning, JSON web tokens, PEM blocks, addresses that messages are posted to, and a literal password in a URL.
var tokenPattern = regexp.MustCompile(`\bgh[opsur]_[A-Za-z0-9]+_eyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*` +
	// of an app's installation: its id and a JSON web token
	`|\bgh[opsur]_[A-Za-z0-9]{8,}` +
	`|\bgithub_pat_[A-Za-z0-9_]{8,}` +
	`|\bglpat-[A-Za-z0-9_-]{8,}` +
	`|\bxox[abeoprs]-[A-Za-z0-9-]{8,}` +
	`|\b(?:AKIA|ASIA)[A-Z0-9]{12,}` +
	`|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_.-]{8,}` +
	`|-----BEGIN [^\n]*` +
	`|\b(?:slack|discord|teams|smtp|generic)(?:\+https?)?://[^\s"']+` +
	`|\bhttps://(?:hooks\.slack\.com|discord\.com/api/webhooks|[\w.-]+\.webhook\.office\.com)/[^\s"']+` +
	`|://[^/\s:@]+:[^/\s@$][^/\s@]*@`)

// secretKey finds a YAML key that is named like a credential, or a secret's `value`, and takes all that follows it. The
// Key is group 1, its value group 2.
var secretKey = regexp.MustCompile(`(?i)([\w.-]*(?:token|passwo?r?d|secret)[\w.-]*|\bvalue)(?:["']\s*:\s*|\s*:(?:\s+|$))(.*)$`)

// secretEnv finds an `env` that is no name of a variable: a mistaken key has the secret itself.
var secretEnv = regexp.MustCompile(`(?i)(\benv["']?\s*:\s+["']?)[A-Za-z0-9_]*[^A-Za-z0-9_"',}\s].*`)

const maskText = "***"

// maskTokens hides what looks like a credential anywhere in s.
func maskTokens(s string) string { return tokenPattern.ReplaceAllString(s, maskText) }

// maskLines copies lines with credentials hidden: by their look, and by the name of their key. It works on lines and not on
// the parsed document, because a file that YAML refuses is quoted as well.
func maskLines(lines []string) []string {
	shown := make([]string, len(lines))
	pem, indent := false, -1 // inside a PEM block; deeper than this belongs to a secret key
	for i, line := range lines {
		depth := len(line) - len(strings.TrimLeft(line, " "))
		if indent >= 0 && depth <= indent && strings.TrimSpace(line) != "" {
			indent = -1
		}
		hidden := pem || indent >= 0
		switch {
		case strings.Contains(line, "-----BEGIN "):
			pem = !strings.Contains(line, "-----END ")
		case strings.Contains(line, "-----END "):
			pem = false
		}
		if hidden {
			shown[i] = line[:depth] + maskText
			continue
		}
		var secret bool
		if shown[i], secret = maskKey(line); secret {
			indent = depth
		}
		shown[i] = maskTokens(secretEnv.ReplaceAllString(shown[i], "${1}"+maskText))
	}
	return shown
}

// maskKey hides the rest of a line after the key of a secret, and says whether there was one. The key `secrets` itself
// holds names only.
func maskKey(line string) (string, bool) {
	for from := 0; ; {
		m := secretKey.FindStringSubmatchIndex(line[from:])
		if m == nil {
			return line, false
		}
		if line[from+m[2]:from+m[3]] != "secrets" {
			value := from + m[4]
			if value == len(line) {
				return line, true
			}
			return line[:value] + maskText, true
		}
		from += m[3]
	}
}

// reportTokens reports what looks like a credential anywhere in the file, comments included: a leaked token is leaked there
// as well.
func (d *Decoder) reportTokens() {
	for i, line := range d.text.lines {
		for _, m := range tokenPattern.FindAllStringIndex(line, -1) {
			reportToken(d, i+1, utf8.RuneCountInString(line[:m[0]])+1)
		}
	}
}

// reportHiddenTokens reports values that look like a credential only when decoded: escaped, or continued on another line.
func (d *Decoder) reportHiddenTokens(n *yaml.Node) {
	for _, child := range n.Content {
		d.reportHiddenTokens(child)
	}
	if n.Kind != yaml.ScalarNode || !tokenPattern.MatchString(n.Value) {
		return
	}
	last := n.Line + strings.Count(n.Value, "\n") + 1 // a block scalar starts below its indicator
	for _, p := range d.problems {
		if n.Line <= p.Place.Line && p.Place.Line <= last {
			return
		}
	}
	d.text.maskFrom(n.Line, n.Column)
	reportToken(d, n.Line, n.Column)
}

func reportToken(d *Decoder, line, column int) {
	d.Report(line, column, d.format.SecretRemedy+"\nif it was ever pushed, revoke it: the history keeps it",
		"what looks like a credential stands here")
}
