package registry

import (
	"cmp"
	"encoding/json"
	"errors"
	"strings"
	"unicode"
)

// Errors that callers decide on, with errors.Is.
var (
	// ErrNotFound is a reference that the registry does not know, or does not show to these credentials: registries
	// answer both the same way.
	ErrNotFound = errors.New("not found, or not visible with these credentials")
	// ErrDenied is a registry that refuses the credentials, or a right that they lack.
	ErrDenied = errors.New("access denied")
)

// errLost is a tag that was accepted and is not there, or not yet.
var errLost = errors.New("the registry accepted the tag and does not have it")

// denied is a registry's refusal, before it is explained to a person.
type denied struct {
	status  int
	message string // the registry's own words, may be empty
	login   bool   // the credentials themselves were refused, not a right of theirs
}

func (d *denied) Error() string {
	if d.message == "" {
		return ErrDenied.Error()
	}
	return ErrDenied.Error() + ": " + d.message
}

func (d *denied) Is(target error) bool { return target == ErrDenied }

// message takes the first error from a registry's answer (distribution spec, "Error Codes"): one line of at most 300
// characters. What is not JSON, such as a proxy's page, gives nothing.
func message(body []byte) string {
	first := firstError(body)
	return printable(cmp.Or(first.Message, first.Code), 300)
}

// code takes the first error's code, such as BLOB_UNKNOWN.
func code(body []byte) string { return firstError(body).Code }

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

func printable(text string, limit int) string {
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
