package repo

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
)

// isBlob reports whether data is the git blob with this id: the hash of a header with the length, and the bytes
// (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects). An id of 64 digits is SHA-256's.
func isBlob(data []byte, id string) bool {
	var h hash.Hash
	switch len(id) {
	case hex.EncodedLen(sha1.Size):
		h = sha1.New()
	case hex.EncodedLen(sha256.Size):
		h = sha256.New()
	default:
		return false
	}
	fmt.Fprintf(h, "blob %d\x00", len(data))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil)) == id
}
