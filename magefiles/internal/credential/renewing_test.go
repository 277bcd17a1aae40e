package credential_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/credential"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/fakeclock"
)

// issuer gives tokens t1, t2, … and counts them.
type issuer struct {
	mu       sync.Mutex
	issued   int
	lifetime time.Duration
	err      error
}

func (i *issuer) issue(context.Context) (credential.Issued, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.err != nil {
		return credential.Issued{}, i.err
	}
	i.issued++
	return credential.Issued{Token: fmt.Sprintf("t%d", i.issued), Lifetime: i.lifetime}, nil
}

func expect(t *testing.T, source credential.Source, want string) {
	t.Helper()
	if got, err := source.Token(t.Context()); got != want || err != nil {
		t.Errorf("token %q, %v, want %q", got, err, want)
	}
}

func TestATokenIsRenewedBeforeItsEnd(t *testing.T) {
	i, clock := &issuer{lifetime: time.Hour}, fakeclock.New(time.Unix(1e9, 0))
	source := credential.NewRenewing(i.issue, 0, clock)
	expect(t, source, "t1")
	clock.Advance(54 * time.Minute)
	expect(t, source, "t1")
	clock.Advance(time.Minute)
	expect(t, source, "t2")
	i.lifetime = time.Minute
	clock.Advance(time.Hour)
	expect(t, source, "t3")
	clock.Advance(44 * time.Second)
	expect(t, source, "t3")
	clock.Advance(time.Second)
	expect(t, source, "t4")
}

func TestATokenThatLivesOutlastsAFailedRenewal(t *testing.T) {
	i, clock := &issuer{lifetime: time.Hour}, fakeclock.New(time.Unix(1e9, 0))
	source := credential.NewRenewing(i.issue, 0, clock)
	expect(t, source, "t1")
	i.err = errors.New("away")
	clock.Advance(56 * time.Minute)
	expect(t, source, "t1")
	i.err = nil
	expect(t, source, "t1") // it is not asked for with every request
	clock.Advance(time.Minute)
	expect(t, source, "t2")
	i.err = errors.New("away")
	clock.Advance(time.Hour)
	if token, err := source.Token(t.Context()); err == nil {
		t.Errorf("a token that has ended is given: %q", token)
	}
}

func TestARefusedTokenIsReplacedOnce(t *testing.T) {
	i, clock := &issuer{}, fakeclock.New(time.Unix(1e9, 0))
	source := credential.NewRenewing(i.issue, 5*time.Second, clock)
	expect(t, source, "t1")
	clock.Advance(365 * 24 * time.Hour) // of unknown lifetime
	expect(t, source, "t1")
	if !source.Refused(t.Context(), "t1") {
		t.Error("there is no other")
	}
	expect(t, source, "t2")
	if !source.Refused(t.Context(), "t1") { // of a request that was sent before
		t.Error("t2 is not tried")
	}
	expect(t, source, "t2")
	if !source.Refused(t.Context(), "t2") || clock.Total() != time.Second {
		t.Errorf("a new token is not tried again after a pause: waited %s", clock.Total())
	}
	expect(t, source, "t2")
	clock.Advance(5 * time.Second)
	if !source.Refused(t.Context(), "t2") {
		t.Error("there is no other")
	}
	expect(t, source, "t3")
}

func TestManyCallersShareOneToken(t *testing.T) {
	i := &issuer{lifetime: time.Hour}
	source := credential.NewRenewing(i.issue, 0, fakeclock.New(time.Unix(1e9, 0)))
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() { expect(t, source, "t1") })
	}
	group.Wait()
}

func TestACallerThatGivesUpDoesNotWait(t *testing.T) {
	begun, end := make(chan struct{}), make(chan struct{})
	source := credential.NewRenewing(func(context.Context) (credential.Issued, error) {
		close(begun)
		<-end
		return credential.Issued{Token: "t1"}, nil
	}, 0, fakeclock.New(time.Unix(1e9, 0)))
	var group sync.WaitGroup
	group.Go(func() { expect(t, source, "t1") })
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := source.Token(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if source.Refused(ctx, "t0") {
		t.Error("tried again after the end")
	}
	close(end)
	group.Wait()
}

func TestAStaticTokenStays(t *testing.T) {
	source := credential.Static("t")
	expect(t, source, "t")
	if source.Refused(t.Context(), "t") {
		t.Error("it is renewed")
	}
}
