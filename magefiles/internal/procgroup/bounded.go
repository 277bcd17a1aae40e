package procgroup

import (
	"bytes"
	"errors"
)

// errOutputLength is the write error of a program that writes more than a BoundedBuffer keeps.
var errOutputLength = errors.New("the output is too long")

// BoundedBuffer keeps what a program writes, and refuses the write that would make it longer than its limit: an answer
// of any length would fill the memory.
type BoundedBuffer struct {
	kept  bytes.Buffer
	limit int
	full  bool
}

// NewBoundedBuffer returns a buffer of at most limit bytes.
func NewBoundedBuffer(limit int) *BoundedBuffer { return &BoundedBuffer{limit: limit} }

// Write keeps all of p or none of it. Once it has refused, it refuses always: what follows a gap is no answer.
func (b *BoundedBuffer) Write(p []byte) (int, error) {
	if b.full = b.full || len(p) > b.limit-b.kept.Len(); b.full {
		return 0, errOutputLength
	}
	return b.kept.Write(p)
}

// Full reports whether a write was refused.
func (b *BoundedBuffer) Full() bool { return b.full }

// Bytes returns what is kept.
func (b *BoundedBuffer) Bytes() []byte { return b.kept.Bytes() }

// String returns what is kept.
func (b *BoundedBuffer) String() string { return b.kept.String() }
