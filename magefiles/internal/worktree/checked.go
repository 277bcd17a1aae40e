package worktree

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"os"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// checkedReader reads a file and fails where the content is not the one that was hashed.
type checkedReader struct {
	file *os.File
	hash hash.Hash
	want [sha256.Size]byte
	fail func(error) error
}

var errDiffers = errors.New("its content is another one")

// Read implements io.Reader.
func (c *checkedReader) Read(p []byte) (int, error) {
	n, err := c.file.Read(p)
	c.hash.Write(p[:n])
	switch {
	case errors.Is(err, io.EOF) && [sha256.Size]byte(c.hash.Sum(nil)) != c.want:
		return n, c.fail(errDiffers)
	case err != nil && !errors.Is(err, io.EOF):
		return n, c.fail(err)
	}
	return n, err
}

// Close implements io.Closer.
func (c *checkedReader) Close() error { return c.file.Close() }

// changedError is the error of a file that is not what was hashed.
func (s *Snapshot) changedError(name string, err error) error {
	return problem.New(problem.Failed, "wait until the program that writes it has finished, then "+problem.Again,
		"reading %q of build context %q: it changed while it was being built: %w", name, s.name, pathErrorCause(err))
}
