package worktree

import (
	"crypto/sha1"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"strconv"
)

// objectHash begins the id that git gives an object of so many bytes, which are to be written to it.
func objectHash(h hash.Hash, size int64) hash.Hash {
	_, _ = io.WriteString(h, "blob "+strconv.FormatInt(size, 10)+"\x00") // a hash takes everything
	return h
}

// is reports whether a file has the bytes of an object of git's. In a repository of the newer format it is read once more.
func (n *node) is(object string, o *opener) (bool, error) {
	content, err := n.hash(o)
	if err != nil || len(object) != sha256.Size {
		return string(content.object[:]) == object, err
	}
	file, before, err := o.open(n)
	if err != nil {
		return false, err
	}
	defer file.Close()
	h := objectHash(sha256.New(), before.size)
	_, err = io.Copy(h, file)
	return string(h.Sum(nil)) == object, err
}

// pointedBy reports whether an object of git's is the pointer of Git LFS to a file of this content.
func (c content) pointedBy(object string) bool {
	text := fmt.Sprintf("%soid sha256:%x\nsize %d\n", pointerStart, c.sum, c.size)
	h := sha1.New()
	if len(object) == sha256.Size {
		h = sha256.New()
	}
	h = objectHash(h, int64(len(text)))
	_, _ = io.WriteString(h, text)
	return string(h.Sum(nil)) == object
}
