package worktree

import (
	"errors"
	"fmt"
	"time"
)

// attempts is how often a file is read that is being written.
const attempts = 3

var errBeingWritten = errors.New("it is being written")

// hash reads the content once.
func (n *node) hash(o *opener) (content, error) {
	n.hashed.Do(func() {
		if known, found := n.disk.sums.lookup(n.stat); found {
			n.content = known
			return
		}
		for range attempts {
			if n.content, n.readErr = n.readContent(o); !errors.Is(n.readErr, errBeingWritten) {
				return
			}
		}
	})
	return n.content, n.readErr
}

func (n *node) readContent(o *opener) (c content, err error) {
	file, before, err := o.open(n)
	if err != nil {
		return c, err
	}
	defer file.Close()
	began := time.Now()
	size, err := c.read(file, before.size)
	if err != nil {
		return c, err
	}
	info, err := file.Stat()
	if err != nil {
		return c, err
	}
	if after := statOf(info); after != before || size != after.size {
		return c, fmt.Errorf("reading %q: %w", n.absolute(), errBeingWritten)
	}
	c.size, c.mtime = before.size, before.mtime
	n.disk.sums.add(before, c, began)
	return c, nil
}
