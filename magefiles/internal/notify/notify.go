// Package notify sends messages about the end of a run: Slack, Discord, Teams, mail and webhooks,
// through shoutrrr. It decides nothing and formats only what a service would otherwise misread.
package notify

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/transport"
)

// Send posts a message to every address at once, and returns what went wrong, in the order of the addresses. It waits for
// timeout at most, and for less if ctx ends: an address that has not answered then counts as failed, although the message
// may still arrive. No error holds any part of an address that is secret.
func Send(ctx context.Context, m report.Message, addresses []string, timeout time.Duration) []error {
	boundTransport()
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %s", timeout))
	defer cancel()
	errs := make([]error, len(addresses))
	var group sync.WaitGroup
	for i, address := range addresses {
		group.Go(func() { errs[i] = sendMessage(ctx, m, address) })
	}
	group.Wait()
	failed := make([]error, 0, len(errs))
	for i, err := range errs {
		if err != nil {
			failed = append(failed, fmt.Errorf("address %d of %d: %w", i+1, len(errs), err))
		}
	}
	return failed
}

// maxAnswer bounds what a service answers, in bytes.
const maxAnswer = 1 << 20

// boundTransport has the services' answers bounded. They read all that they are sent, by clients that cannot be set and that send
// through the process's default transport.
var boundTransport = sync.OnceFunc(func() {
	http.DefaultTransport = transport.New(transport.Options{Base: http.DefaultTransport, MaxBody: maxAnswer})
})

// Check reads addresses and sends nothing: the names of their services, in the order of the addresses, and what is wrong
// with the others. Nothing of it is secret.
func Check(addresses []string) (services []string, errs []error) {
	for i, address := range addresses {
		t, err := parseTarget(address)
		if err != nil {
			errs = append(errs, fmt.Errorf("address %d of %d: %w", i+1, len(addresses), err))
			continue
		}
		services = append(services, t.name)
	}
	return services, errs
}

// sendMessage does not outlive ctx, although the services know no context: what hangs ends with the process.
func sendMessage(ctx context.Context, m report.Message, address string) error {
	t, err := parseTarget(address)
	if err != nil {
		return err
	}
	sent := make(chan error, 1)
	go func() { sent <- t.send(m) }()
	select {
	case err = <-sent:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("sending to %s: %s", t.name, t.withoutSecrets(err)) // as text: the chain would carry the address
	}
	return nil
}
