package protocol

import (
	"fmt"

	digest "github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// RequireDigest refuses what a document has in a digest's place and is none: it would be a part of an address, and go-digest panics where
// it is to compute one of an unknown kind.
func RequireDigest(d digest.Digest) error {
	if err := d.Validate(); err != nil {
		return fmt.Errorf("reading the digest %q: %w", d, err)
	}
	return nil
}

// requireDigestOf is RequireDigest for a reference, which may have a tag in its place.
func requireDigestOf(r imageref.Reference) error {
	if r.Digest == "" && r.Tag != "" {
		return nil
	}
	return RequireDigest(r.Digest)
}

// checkContent refuses content of another digest.
func checkContent(content []byte, d digest.Digest) error {
	if actual := d.Algorithm().FromBytes(content); actual != d {
		return fmt.Errorf("reading %s: the registry sent content with the digest %s", d, actual)
	}
	return nil
}
