// Package pool decides which daemon builds what: a component is built where its steps are in the cache, as long as no daemon gets much
// more than its share.
package pool

import (
	"context"
	"slices"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Pool is the daemons of one Run. Every component is assigned to one of them, the same in every Run as long as the daemons stay
// the same: there its steps are in the cache. A daemon that dies is drained, and its components move to others.
type Pool struct {
	members []*Member
	slots   chan struct{} // builds at once, over all members

	mu         sync.Mutex
	affinities map[component.Name]affinity
	weights    map[string]int     // unit -> components that share it
	homes      map[string]*Member // by unit and platforms
	components int
	lost       error // of the member that died last
}

// New makes a pool in which a daemon builds up to parallel components at once; zero means as many as it has CPUs.
func New(connections []*daemon.Connection, parallel int) *Pool {
	p := &Pool{homes: map[string]*Member{}}
	total := parallel
	for _, c := range connections {
		m := &Member{Connection: c, slots: make(chan struct{}, max(1, buildSlots(c, parallel)))}
		p.members = append(p.members, m)
		if parallel == 0 {
			total += cap(m.slots)
		}
	}
	p.slots = make(chan struct{}, max(1, total))
	return p
}

// Acquire waits for a place on the daemon that a component is assigned to. Where no daemon is left, it returns the error of the last one.
func (p *Pool) Acquire(ctx context.Context, img plan.Image, platforms []string) (m *Member, release func(), err error) {
	for {
		if m = p.assignedMember(img, platforms); m == nil {
			return nil, nil, p.lastLoss()
		}
		if err := takeSlot(ctx, m.slots); err != nil {
			return nil, nil, err
		}
		if p.assignedMember(img, platforms) != m { // it died while we waited
			<-m.slots
			continue
		}
		if err := takeSlot(ctx, p.slots); err != nil {
			<-m.slots
			return nil, nil, err
		}
		return m, func() { <-p.slots; <-m.slots }, nil
	}
}

// lastLoss returns the error of the member that was lost last.
func (p *Pool) lastLoss() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

func takeSlot(ctx context.Context, slots chan struct{}) error {
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Drain takes a member out of the pool for the error that it answered with. It reports whether it was in, and not the last.
func (p *Pool) Drain(m *Member, err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := !m.dead
	m.dead, p.lost = true, &LostError{Member: m, Err: err}
	return first && slices.ContainsFunc(p.members, func(m *Member) bool { return !m.dead })
}

// LostError is a daemon that died.
type LostError struct {
	Member *Member
	Err    error
}

func (e *LostError) Error() string { return e.Err.Error() }
func (e *LostError) Unwrap() error { return e.Err }
