// Package answer reads what a registry says in an answer of failure.
package answer

import (
	"cmp"
	"encoding/json"
	"strings"
	"unicode"
)

// Message takes the first error from a registry's answer (distribution spec, "Error Codes"): one line of at most 300
// characters. Of what is not JSON, such as a proxy's page, it returns nothing.
func Message(body []byte) string {
	first := firstError(body)
	return Printable(cmp.Or(first.Message, first.Code), 300)
}

// Code takes the first error's code, such as BLOB_UNKNOWN.
func Code(body []byte) string { return firstError(body).Code }

type registryError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func firstError(body []byte) registryError {
	var answer struct {
		Errors []registryError `json:"errors"`
	}
	if json.Unmarshal(body, &answer) != nil || len(answer.Errors) == 0 {
		return registryError{}
	}
	return answer.Errors[0]
}

// Printable returns text as one line of at most limit characters.
func Printable(text string, limit int) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.TrimSpace(text)))
	if len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return string(runes)
}
