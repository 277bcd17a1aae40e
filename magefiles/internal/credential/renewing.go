package credential

import (
	"context"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
)

const (
	longestMargin = 5 * time.Minute // before its end, a token of an hour is renewed
	settlePause   = time.Second     // between two tries of a token that is not known everywhere yet
	renewalPause  = time.Minute     // after a renewal that failed while the token still lives
)

// Issued is a token as its issuer gives it.
type Issued struct {
	Token    string
	Lifetime time.Duration // from now; zero: it is renewed only where it is refused
}

// Renewing is a Source whose token ends. Several callers that need a token wait for one that fetches it.
type Renewing struct {
	fetch  func(ctx context.Context) (Issued, error)
	settle time.Duration
	clock  backoff.Clock

	turn  chan struct{} // holds a value while a caller is at the fields below
	token string        // empty: none, or refused
	since time.Time     // when it was issued
	renew time.Time     // from when on another one is asked for; zero: never
	until time.Time     // its end
}

var _ Source = (*Renewing)(nil)

// NewRenewing returns a Renewing that fetches its first token on first use. fetch must do its own retries. settle is the time after its
// issue during which a token may be refused because not all of the audience's servers know it yet.
func NewRenewing(fetch func(ctx context.Context) (Issued, error), settle time.Duration, clock backoff.Clock) *Renewing {
	return &Renewing{fetch: fetch, settle: settle, clock: clock, turn: make(chan struct{}, 1)}
}

// Token implements Source. A token that still lives is returned also where its renewal fails.
func (r *Renewing) Token(ctx context.Context) (string, error) {
	if err := r.lock(ctx); err != nil {
		return "", err
	}
	defer r.unlock()
	now := r.now()
	if r.token != "" && (r.renew.IsZero() || now.Before(r.renew)) {
		return r.token, nil
	}
	issued, err := r.fetch(ctx)
	switch {
	case err != nil && r.token != "" && now.Before(r.until) && ctx.Err() == nil:
		r.renew = now.Add(renewalPause)
		return r.token, nil
	case err != nil:
		return "", err
	}
	r.keep(issued)
	return r.token, nil
}

// keep takes a token over. Its time is measured by this machine's clock alone, which need not agree with the issuer's.
func (r *Renewing) keep(issued Issued) {
	r.token, r.since, r.renew, r.until = issued.Token, r.now(), time.Time{}, time.Time{}
	if issued.Lifetime > 0 {
		r.until = r.since.Add(issued.Lifetime)
		r.renew = r.until.Add(-min(longestMargin, issued.Lifetime/4))
	}
}

// Refused implements Source. A token that was issued just now is tried again after a pause, any other is dropped.
func (r *Renewing) Refused(ctx context.Context, token string) bool {
	if r.lock(ctx) != nil {
		return false
	}
	known := r.token == token
	young := known && r.now().Before(r.since.Add(r.settle))
	if known && !young {
		r.token = ""
	}
	r.unlock()
	return !young || r.clock.Sleep(ctx, settlePause) == nil
}

// now is the time of day: the other clock of a machine stands still while that sleeps.
func (r *Renewing) now() time.Time { return r.clock.Now().Round(0) }

func (r *Renewing) lock(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (r *Renewing) unlock() { <-r.turn }
