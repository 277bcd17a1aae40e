package backoff_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 8, 21, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]struct {
		wait time.Duration
		ok   bool
	}{
		"":                               {0, false},
		"soon":                           {0, false},
		"-1":                             {0, false},
		"0":                              {0, true},
		"120":                            {2 * time.Minute, true},
		"9223372036854775807":            {24 * time.Hour, true},
		"Fri, 21 Aug 2026 12:00:30 GMT":  {30 * time.Second, true},
		"Fri, 21 Aug 2026 11:59:00 GMT":  {0, true},
		"Fri, 21 Aug 2099 12:00:00 GMT":  {24 * time.Hour, true},
		"Friday, 21-Aug-26 12:00:01 GMT": {time.Second, true},
	} {
		wait, ok := backoff.RetryAfter(http.Header{"Retry-After": {value}}, now)
		if wait != want.wait || ok != want.ok {
			t.Errorf("%q: %s, %t", value, wait, ok)
		}
	}
}

func TestExponential(t *testing.T) {
	e := backoff.Exponential{First: time.Second, Longest: 10 * time.Second, Jitter: func() float64 { return 0.5 }}
	for n, want := range map[int]time.Duration{1: 500 * time.Millisecond, 2: time.Second, 4: 4 * time.Second, 5: 5 * time.Second, 64: 5 * time.Second} {
		if got := e.Before(n); got != want {
			t.Errorf("before attempt %d: %s, want %s", n+1, got, want)
		}
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("cancelled")
	cancel(why)
	if err := backoff.Sleep(ctx, time.Hour); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
	if err := backoff.Sleep(t.Context(), 0); err != nil {
		t.Error(err)
	}
}
