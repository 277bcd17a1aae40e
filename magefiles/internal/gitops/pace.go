package gitops

import (
	"errors"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

// Writers that collide are spread over a multiple of the time in which they can collide: from the read to the answer to the
// write. That is measured, because it is some milliseconds on a server nearby and a second on a busy one. It grows by the
// same with each failure: 20 writers at once need 2 attempts for a commit, where doubling needs as many and, after the last
// collision, leaves its losers waiting for nothing.
const (
	spreadFactor    = 4
	shortestAttempt = 2 * time.Millisecond
	longestAttempt  = 2 * time.Second
	longestBackoff  = 30 * time.Second
)

// waitAfter returns how long to wait after the nth attempt has failed on a snapshot.
func (c *Client) waitAfter(b bump.Bump, s *repo.Snapshot, failure error, n int) time.Duration {
	switch {
	case !errors.Is(failure, repo.ErrStale):
		return c.pause.Before(n)
	case s == b.Snapshot:
		return 0 // it was read long before: that the head has moved since says nothing about writers now
	}
	attempt := min(max(c.clock.Now().Sub(s.ReadAt), shortestAttempt), longestAttempt)
	ceiling := min(time.Duration(spreadFactor*n)*attempt, longestBackoff)
	return time.Duration(c.pause.Jitter() * float64(ceiling))
}
