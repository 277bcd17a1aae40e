package requests

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
)

// isPlain names the headers that a record shows. All others are left out: what a server or a proxy may put a token into is not
// known beforehand, and Location holds signed addresses.
func isPlain(name string) bool {
	switch name {
	case "Accept", "Content-Length", "Content-Range", "Content-Type", "Date", "Etag", "Range", "Retry-After", "Server", "User-Agent",
		"Docker-Content-Digest", "Docker-Distribution-Api-Version", "Docker-Upload-Uuid", "X-Github-Api-Version", "X-Github-Request-Id",
		"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "X-Ratelimit-Resource", "X-Ratelimit-Used":
		return true
	}
	return false
}

// shownHeaders returns the headers that a record shows, in the order of their names.
func shownHeaders(header http.Header) []slog.Attr {
	var attrs []slog.Attr
	for name, values := range header {
		if isPlain(name) {
			attrs = append(attrs, slog.String(name, strings.Join(values, ", ")))
		}
	}
	slices.SortFunc(attrs, func(a, b slog.Attr) int { return strings.Compare(a.Key, b.Key) })
	return attrs
}
