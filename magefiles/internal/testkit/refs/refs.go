// Package refs has references to images as tests write them down.
package refs

import (
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// Image returns a reference of the form host/path[:tag][@digest], as it is written: nothing is checked or completed.
func Image(text string) imageref.Reference {
	parts := imageref.Split(text)
	return imageref.Reference{Repository: Repository(parts.Name), Tag: parts.Tag, Digest: digest.Digest(parts.Digest)}
}

// Repository returns a repository of the form host/path, as it is written.
func Repository(text string) imageref.Repository {
	host, path, _ := strings.Cut(text, "/")
	return imageref.Repository{Host: host, Path: path}
}

// Digest returns a SHA-256 digest whose hex digits repeat a pattern.
func Digest(pattern string) digest.Digest {
	return digest.NewDigestFromEncoded(digest.SHA256, strings.Repeat(pattern, 64)[:64])
}
