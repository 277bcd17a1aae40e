package daemon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// connectHost takes the first address of BUILDKIT_HOST that answers.
func connectHost(ctx context.Context, o Options) (*Connection, error) {
	addresses, err := parseAddresses(o.Host, o.TLS)
	if err != nil {
		return nil, err
	}
	var failures []string
	for _, a := range addresses {
		c, err := a.dialDaemon(ctx)
		if err == nil {
			return c, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		failures = append(failures, fmt.Sprintf("%s: %s", a, dialCause(err)))
	}
	return nil, deadHost(failures)
}

// connectHosts dials every address of BUILDKIT_HOST at once, and returns those that answer in its order. What is dead is
// reported.
func connectHosts(ctx context.Context, o Options) ([]*Connection, error) {
	addresses, err := parseAddresses(o.Host, o.TLS)
	if err != nil {
		return nil, err
	}
	dialled := make([]*Connection, len(addresses))
	failures := make([]error, len(addresses))
	var group sync.WaitGroup
	for i, a := range addresses {
		group.Go(func() { dialled[i], failures[i] = a.dialDaemon(ctx) })
	}
	group.Wait()
	var live []*Connection
	var dead []string
	for i, c := range dialled {
		if c != nil {
			live = append(live, c)
			continue
		}
		dead = append(dead, fmt.Sprintf("%s: %s", addresses[i], dialCause(failures[i])))
	}
	if ctx.Err() != nil {
		return nil, errors.Join(context.Cause(ctx), CloseAll(live))
	}
	if len(live) == 0 {
		return nil, deadHost(dead)
	}
	for _, text := range dead {
		o.Say("going on without a BuildKit daemon that does not answer: %s", text)
	}
	return live, nil
}

func deadHost(failures []string) error {
	return problem.New(problem.Failed, "start that daemon, or unset BUILDKIT_HOST to use one on this machine",
		"connecting to BUILDKIT_HOST: no daemon answers: %s", strings.Join(failures, "; "))
}
