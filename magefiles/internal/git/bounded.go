package git

import (
	"bytes"
	"context"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
)

// mostHistory bounds the messages that are read, in bytes: a message may be of any length.
const mostHistory = 16 << 20

// boundedOutput is rawOutput of which no more than the first bytes are kept.
func (r repository) boundedOutput(ctx context.Context, args ...string) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := procgroup.Git(ctx, r.dir, args...)
	stdout := &boundedBuffer{left: mostHistory, full: cancel}
	cmd.Stdout = stdout
	began := time.Now()
	err := cmd.Run()
	telemetry.Ran(ctx, cmd, began)
	if err != nil && stdout.left > 0 {
		if cause := context.Cause(ctx); ctx.Err() != nil {
			return nil, cause
		}
		return nil, &gitError{args: args, dir: r.dir, err: err}
	}
	return stdout.kept.Bytes(), nil
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
