package targets_test

import (
	"fmt"
	"slices"
	"strings"
)

// judge holds a process's end against the states that it can have seen.
func (s *stream) judge(a *attempt) {
	first, last := s.index(a.first), s.index(a.last)
	own, out := s.madeBy(a), strings.TrimSpace(a.stdout.String())
	_, interrupted := a.met()
	s.building = strings.Contains(a.stderr.String(), "▸ build")
	if a.code == 3 {
		s.seeRefusal(a)
	}
	var err error
	switch {
	case len(own) > 1:
		err = fmt.Errorf("it made %d commits: %q", len(own), own)
	case interrupted && (a.code == -1 || a.code == 143) || a.endsBarred():
	case a.code == 0 && len(own) == 1 && own[0] != out:
		err = fmt.Errorf("it made %q and names %q", own, out)
	case a.code == 0 && len(own) == 0 && !s.found(a, out) && !s.mayEnd(a, first, last, verdict.isNothing):
		err = fmt.Errorf("it did nothing, and there was something to do")
	case a.code == 3 && len(own) > 0:
		err = fmt.Errorf("it was refused and made %q", own)
	case a.code == 3 && !s.lostRace(a) && !s.mayEnd(a, first, last, func(v verdict) bool { return v.isSaid(a.stderr.String()) }):
		err = fmt.Errorf("it was refused without a reason")
	case a.code != 0 && a.code != 3:
		err = fmt.Errorf("no other end is foreseen")
	}
	if err != nil {
		s.t.Errorf("%s ended with %d from %.8s to %.8s: %v\nat the end: %s\n%s%s", a.op, a.code, a.first, a.last, err,
			s.history[last].units[a.op.unit], a.stdout.String(), a.stderr.String())
	}
}

// madeBy returns the commits that a process asked for, also those that were made after it was killed.
func (s *stream) madeBy(a *attempt) []string {
	var own []string
	for i, m := range s.history[1:] {
		for _, named := range []string{m.sha, s.history[i].sha} { // by itself, or by its parent
			if m.op == a.op && s.senders[fmt.Sprintf("%d %s", a.op.number, named)] == a {
				own = append(own, m.sha)
				break
			}
		}
	}
	return own
}

// lostRace reports whether another process has released the same commit at the same time, and has put its images' tags first: what two
// build at once need not be the same bytes.
func (s *stream) lostRace(a *attempt) bool {
	return strings.Contains(a.stderr.String(), "see which run has put these tags meanwhile") &&
		slices.ContainsFunc(s.attempts, func(other *attempt) bool {
			return other.op != a.op && other.op.kind == release && other.op.unit == a.op.unit && other.op.build == a.op.build
		})
}

// found reports whether a process names what an earlier one of the same operation has made.
func (s *stream) found(a *attempt, named string) bool {
	i := s.index(named)
	return i > s.index(a.first) && s.history[i].op == a.op
}

// mayEnd reports whether the model ends an operation so at some pair of moments.
func (s *stream) mayEnd(a *attempt, first, last int, so func(verdict) bool) bool {
	done := slices.ContainsFunc(s.history[:last+1], func(m moment) bool { return m.op == a.op })
	if so(nothing) && done && a.op.kind == rollback {
		return true // a workflow that runs again does not go back twice
	}
	for act := first; act <= last; act++ {
		for read := first; read <= act; read++ {
			if _, _, v := s.history.outcome(a.op, read, act); so(v) {
				return true
			}
		}
	}
	return false
}
