package git

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
)

// mostHistory bounds the messages that are read, in bytes: a message may be of any length.
const mostHistory = 16 << 20

// errHistoryLength is the cause of a context that mostHistory ended.
var errHistoryLength = errors.New("git has more to say than is read")

// boundedOutput is rawOutput of which no more than the first bytes are kept.
func (r repository) boundedOutput(ctx context.Context, args ...string) ([]byte, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	cmd := procgroup.Git(ctx, r.dir, args...)
	stdout := &boundedBuffer{left: mostHistory, full: func() { cancel(errHistoryLength) }}
	cmd.Stdout = stdout
	began := time.Now()
	err := cmd.Run()
	telemetry.Ran(ctx, cmd, began)
	switch cause := context.Cause(ctx); {
	case err == nil, errors.Is(cause, errHistoryLength):
		return stdout.kept.Bytes(), nil
	case cause != nil:
		return nil, cause
	}
	return nil, &gitError{args: args, dir: r.dir, err: err}
}

// boundedBuffer keeps the first bytes, and ends what writes more.
type boundedBuffer struct {
	kept bytes.Buffer
	left int
	full func()
}

func (b *boundedBuffer) Write(p []byte) (int, error) {
	n := min(len(p), b.left)
	b.kept.Write(p[:n])
	if b.left -= n; b.left == 0 {
		b.full()
	}
	return len(p), nil
}
