package redact

import (
	"encoding/base64"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// credentialPattern finds a value in a file of credentials: `key = value` and `"key": "value"` of .npmrc, properties, YAML and
// JSON, and `password value` of .netrc, where the key says that the value is secret.
var credentialPattern = regexp.MustCompile(`(?i)[\w.:/-]*` +
	`(?:token|passw|passwd|secret|auth|credential|apikey|api_key|private_?key|access_?key)[\w.-]*` +
	`["']?\s*[=:\s]\s*["']?([^\s"',;]{6,})`)

// secretParts returns a secret as it is, without the white space around it, its lines, and the values in them that are secret by
// themselves.
func secretParts(secret string) []string {
	all := []string{secret, strings.TrimSpace(secret)}
	for line := range strings.FieldsFuncSeq(secret, isLineBreak) {
		all = append(all, line, strings.TrimSpace(line))
		for _, found := range credentialPattern.FindAllStringSubmatch(line, -1) {
			all = append(all, found[1])
			all = append(all, loginPassword(found[1])...)
		}
	}
	return append(all, loginPassword(strings.TrimSpace(secret))...)
}

func isLineBreak(r rune) bool { return r == '\n' || r == '\r' }

// loginPassword returns the text of a value that is base64, such as `_auth` of .npmrc, with the password behind a user's name.
func loginPassword(value string) []string {
	decoded, err := base64.StdEncoding.DecodeString(value)
	text := string(decoded)
	if err != nil || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return nil
	}
	_, password, found := strings.Cut(text, ":")
	if !found {
		return []string{text}
	}
	return []string{text, password}
}
