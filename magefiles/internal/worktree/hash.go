package worktree

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree/hashcache"
)

// readAttempts is the number of attempts to read a file that is being written.
const readAttempts = 3

var errBeingWritten = errors.New("it is being written")

// hashContent reads the content once.
func (n *node) hashContent(o *fileOpener) (hashcache.Content, error) {
	n.hashed.Do(func() {
		if known, found := n.disk.sums.Lookup(n.stat); found {
			n.content = known
			return
		}
		for range readAttempts {
			if n.content, n.readErr = n.readContent(o); !errors.Is(n.readErr, errBeingWritten) {
				return
			}
		}
	})
	return n.content, n.readErr
}

func (n *node) readContent(o *fileOpener) (c hashcache.Content, err error) {
	file, before, err := o.open(n)
	if err != nil {
		return c, err
	}
	defer file.Close()
	began := time.Now()
	size, err := c.Hash(file, before.Size)
	if err != nil {
		return c, err
	}
	info, err := file.Stat()
	if err != nil {
		return c, err
	}
	if after := hashcache.StatOf(info); after != before || size != after.Size {
		return c, fmt.Errorf("reading %q: %w", n.absolutePath(), errBeingWritten)
	}
	c.Size, c.Mtime = before.Size, before.Mtime
	n.disk.sums.Add(before, c, began)
	return c, nil
}

// hasObject reports whether a file has the bytes of an object of git's. In a repository of the newer format it is read once more.
func (n *node) hasObject(object string, o *fileOpener) (bool, error) {
	content, err := n.hashContent(o)
	if err != nil || len(object) != sha256.Size {
		return string(content.Object[:]) == object, err
	}
	file, before, err := o.open(n)
	if err != nil {
		return false, err
	}
	defer file.Close()
	h := hashcache.ObjectHash(sha256.New(), before.Size)
	_, err = io.Copy(h, file)
	return string(h.Sum(nil)) == object, err
}
