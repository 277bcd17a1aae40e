package build

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// state is where a component stands.
type state int

const (
	waiting state = iota // for a free place
	running
	built
	failed
	cancelled // because another failed, or the whole run is
	states    // how many there are
)

func (s state) String() string {
	return [states]string{"waiting", "running", "built", "failed", "cancelled"}[s]
}

// track is the progress of one component.
type track struct {
	name     string
	label    string // name, padded to the longest
	started  time.Time
	ended    time.Time
	states   map[digest.Digest]stepState
	done     int     // of them
	cached   int     // of these
	running  []*step // in the order in which they started
	warnings int     // how many of the board's warnings are about it
	result   *Result
	err      error
}

// stepState is how far a step is in this component's own stream.
type stepState struct{ done, cached bool }

func (t *track) state() state {
	switch {
	case t.started.IsZero() && t.ended.IsZero():
		return waiting
	case t.ended.IsZero():
		return running
	case t.result != nil:
		return built
	case problem.As(t.err) != nil:
		return failed
	}
	return cancelled
}

func (t *track) observe(st *step, v *client.Vertex) {
	switch i := slices.Index(t.running, st); {
	case v.Started != nil && v.Completed == nil && i < 0 && t.ended.IsZero():
		t.running = append(t.running, st)
	case v.Completed != nil && i >= 0:
		t.running = slices.Delete(t.running, i, i+1)
	}
	if !isInstruction(st.name) {
		return
	}
	is := stepState{done: v.Completed != nil && v.Error == ""}
	// A step from a remote cache is reported anew, and not as cached, while its layers are fetched.
	is.cached = is.done && v.Cached || t.states[v.Digest].cached
	t.forget(v.Digest)
	t.states[v.Digest] = is
	t.tally(is, 1)
}

// forget takes a step out of the counts.
func (t *track) forget(step digest.Digest) {
	t.tally(t.states[step], -1)
	delete(t.states, step)
}

func (t *track) tally(s stepState, n int) {
	if s.done {
		t.done += n
	}
	if s.cached {
		t.cached += n
	}
}

// current is the instruction that began last, else whatever else runs, such as loading the context.
func (t *track) current() *step {
	var other *step
	for _, st := range slices.Backward(t.running) {
		if isInstruction(st.name) {
			return st
		}
		if other == nil {
			other = st
		}
	}
	return other
}

// isInstruction leaves out FROM, too: it makes no layer, and whether it is cached says nothing.
func isInstruction(name string) bool {
	return !isInternal(name) && !strings.Contains(name, "] FROM ")
}

// counts returns the number of instructions known so far, how many are done, and how many of these were cached.
func (t *track) counts() (all, done, cached int) { return len(t.states), t.done, t.cached }

func (t *track) elapsed(now time.Time) time.Duration {
	switch {
	case t.started.IsZero():
		return 0
	case t.ended.IsZero():
		return now.Sub(t.started)
	}
	return t.ended.Sub(t.started)
}

// summary is how the component ended, in one line.
func (t *track) summary() string {
	after := seconds(t.elapsed(t.ended))
	switch state := t.state(); {
	case state == built && t.result.Reused:
		return fmt.Sprintf("built before from the same inputs, %s", megabytes(t.result.Size))
	case state == built && t.result.Existing:
		return "exists already, found in " + after
	case state == built && t.result.Remote:
		return fmt.Sprintf("built and pushed in %s, %d of %d steps cached", after, t.result.CachedSteps, t.result.Steps)
	case state == built:
		text := fmt.Sprintf("built in %s, %d of %d steps cached, %s", after, t.result.CachedSteps, t.result.Steps, megabytes(t.result.Size))
		if t.warnings > 0 {
			text += ", " + count(t.warnings, "warning")
		}
		return text
	case state == failed:
		return "failed after " + after
	}
	if t.started.IsZero() {
		return "cancelled before it began"
	}
	return "cancelled after " + after
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
