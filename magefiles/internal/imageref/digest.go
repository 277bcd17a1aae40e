package imageref

import (
	"strings"

	"github.com/opencontainers/go-digest"
)

// ShortDigest returns as much of a digest as people compare: its first 12 hex digits, as docker prints them.
func ShortDigest(d digest.Digest) string {
	_, hex, found := strings.Cut(d.String(), ":") // what a server answers may be no digest, of which Encoded panics
	if !found {
		hex = d.String()
	}
	return hex[:min(12, len(hex))]
}
