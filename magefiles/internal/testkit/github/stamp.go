package github

import "time"

// WebURL begins the addresses of pages that answers name. They are not served.
const WebURL = "https://github.com/"

// Stamp is GitHub's form of a time: UTC, in whole seconds.
func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ParseStamp reads a time of a request; the zero time where there is none.
func ParseStamp(text string) time.Time {
	t, _ := time.Parse(time.RFC3339, text)
	return t
}
