package build

import (
	"context"
	"slices"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// pool is the daemons of one Run. Every component has a home among them, the same in every Run as long as the daemons stay
// the same: there its steps are in the cache. A daemon that dies is drained, and its components move to others.
type pool struct {
	members []*member
	slots   chan struct{} // builds at once, over all members

	mu         sync.Mutex
	affinities map[string]affinity // by component
	weights    map[string]int      // unit -> components that share it
	homes      map[string]*member  // unit and platforms -> home
	components int
	lost       error // of the member that died last
}

func newPool(connections []*Connection, parallel int) *pool {
	p := &pool{homes: map[string]*member{}}
	total := parallel
	for _, c := range connections {
		m := &member{Connection: c, slots: make(chan struct{}, max(1, room(c, parallel)))}
		p.members = append(p.members, m)
		if parallel == 0 {
			total += cap(m.slots)
		}
	}
	p.slots = make(chan struct{}, max(1, total))
	return p
}

// acquire waits for a place on the home of a component. The error is what its last daemon died of, where none is left.
func (p *pool) acquire(ctx context.Context, img plan.Image, platforms []string) (m *member, release func(), err error) {
	for {
		if m = p.home(img, platforms); m == nil {
			return nil, nil, p.loss()
		}
		if err := take(ctx, m.slots); err != nil {
			return nil, nil, err
		}
		if p.home(img, platforms) != m { // it died while we waited
			<-m.slots
			continue
		}
		if err := take(ctx, p.slots); err != nil {
			<-m.slots
			return nil, nil, err
		}
		return m, func() { <-p.slots; <-m.slots }, nil
	}
}

// loss is what the member died of that died last.
func (p *pool) loss() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

func take(ctx context.Context, slots chan struct{}) error {
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// drain takes a member out of the pool for the error that it answered with. It reports whether it was in, and not the last.
func (p *pool) drain(m *member, err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := !m.dead
	m.dead, p.lost = true, &lostError{member: m, err: err}
	return first && slices.ContainsFunc(p.members, func(m *member) bool { return !m.dead })
}

// lostError is a daemon that died.
type lostError struct {
	member *member
	err    error
}

func (e *lostError) Error() string { return e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }
