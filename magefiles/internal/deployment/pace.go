package deployment

import (
	"errors"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
)

// Clock tells the time and waits, so that tests need not.
type Clock = backoff.Clock

// Writers that collide are spread over a multiple of the time in which they can collide: from the read to the answer to the
// write. That is measured, because it is some milliseconds on a server nearby and a second on a busy one. It grows by the
// same with each failure: 20 writers at once need 2 attempts for a commit, where doubling needs as many and, after the last
// collision, leaves its losers waiting for nobody.
const (
	spread          = 4
	shortestAttempt = 2 * time.Millisecond
	longestAttempt  = 2 * time.Second
	longestBackoff  = 30 * time.Second
)

// backoff gives how long to wait after the nth attempt has failed on a snapshot.
func (c *Client) backoff(b Bump, s *Snapshot, failure error, n int) time.Duration {
	switch {
	case !errors.Is(failure, errStale):
		return c.pause.Before(n)
	case s == b.Snapshot:
		return 0 // it was read long before: that the head has moved since says nothing about writers now
	}
	attempt := min(max(c.clock.Now().Sub(s.readAt), shortestAttempt), longestAttempt)
	ceiling := min(time.Duration(spread*n)*attempt, longestBackoff)
	return time.Duration(c.pause.Jitter() * float64(ceiling))
}
