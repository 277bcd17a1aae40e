package telemetry

import (
	"log/slog"
	"math"
	"regexp"
	"time"
)

// query matches what stands behind the path of a URL in a text. A URL may hold apostrophes, which JavaScript leaves unescaped in names
// of files: one ends it only at the end of a word. What precedes the scheme may be the n of an escaped line break.
var query = regexp.MustCompile(`((?i:https?)://[^\s"?]+)\?(?:[^\s"']|'+[^\s"'])*`)

// WithoutQueries returns a text, such as an error's, in which no URL has a query: registries and storage sign their addresses
// there, for readers of that file.
func WithoutQueries(text string) string { return query.ReplaceAllString(text, "$1") }

// Seconds is a duration in a record, to the microsecond; its name says the unit in JSON.
func Seconds(d time.Duration) slog.Attr {
	return slog.Float64("seconds", math.Round(d.Seconds()*1e6)/1e6)
}
