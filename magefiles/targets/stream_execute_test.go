package targets_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
)

// execute works on an operation until a process ends by itself.
func (s *stream) execute(o *operation) error {
	dir, err := s.checkout(o)
	if err != nil {
		return err
	}
	if o.clone == "" {
		defer func() { s.slots[o.service] <- dir }()
	}
	for n := 0; ; n++ {
		a := &attempt{stream: s, op: o}
		if n < len(o.troubles) {
			a.trouble = &o.troubles[n]
		}
		a.identify(n)
		if err := a.run(dir); err != nil {
			return err
		}
		s.took(a)
		if !a.isUnfinished() {
			return nil
		}
	}
}

// checkout is where an operation's processes work: a clone of its own, or one that later operations use, too.
func (s *stream) checkout(o *operation) (string, error) {
	if o.clone == "" {
		dir := <-s.slots[o.service]
		return dir, s.sources[o.service].checkOut(s.t.Context(), dir, o.build)
	}
	dir := filepath.Join(s.clones, strconv.Itoa(o.number))
	s.mu.Lock()
	s.left = append(s.left, dir)
	s.mu.Unlock()
	return dir, s.sources[o.service].cloneOf(s.t.Context(), dir, o.clone, o.build)
}

// took counts what a process met and how it ended.
func (s *stream) took(a *attempt) {
	fired, interrupted := a.met()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts = append(s.attempts, a)
	s.counts["processes"]++
	s.counts[fmt.Sprintf("exit code %d", a.code)]++
	if a.app.ID != 0 {
		s.counts["processes as an App"]++
	}
	if a.op.kind == release && a.code == 0 {
		s.counts["releases done"]++
	}
	if fired {
		s.counts["troubles"]++
		s.counts["trouble: "+a.trouble.kind]++
	}
	if interrupted {
		s.counts["signals"]++
	}
}

func (s *stream) count(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[what]++
}

func (a *attempt) arm() {
	a.stream.mu.Lock()
	defer a.stream.mu.Unlock()
	a.stream.running[a.identity] = a
}

func (a *attempt) disarm() {
	a.stream.mu.Lock()
	defer a.stream.mu.Unlock()
	delete(a.stream.running, a.identity)
}

// working gives a process of the service that waits for a trouble at the registry, which does not tell who asks.
func (s *stream) working(service string) *attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, identity := range slices.Sorted(maps.Keys(s.running)) {
		a := s.running[identity]
		if a.op.service == service && a.waitsFor(registry502, registryCut, registrySlow, killRegistry) {
			return a
		}
	}
	return nil
}
