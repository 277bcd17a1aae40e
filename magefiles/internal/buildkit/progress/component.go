package progress

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// componentState is the state of a component's build.
type componentState int

const (
	stateWaiting componentState = iota // for a free place
	stateRunning
	stateBuilt
	stateFailed
	stateCancelled // because another failed, or the whole run is
	stateCount     // how many there are
)

func (s componentState) String() string {
	return [stateCount]string{"waiting", "running", "built", "failed", "cancelled"}[s]
}

// Component is the progress of one component.
type Component struct {
	name     component.Name
	label    string // name, padded to the longest
	started  time.Time
	ended    time.Time
	states   map[digest.Digest]stepState
	done     int     // of them
	cached   int     // of these
	running  []*step // in the order in which they started
	Warnings int     // how many of the model's warnings are about it
	result   *Result
	err      error
}

// stepState is the state of a step in this component's own stream.
type stepState struct{ done, cached bool }

func (t *Component) currentState() componentState {
	switch {
	case t.started.IsZero() && t.ended.IsZero():
		return stateWaiting
	case t.ended.IsZero():
		return stateRunning
	case t.result != nil:
		return stateBuilt
	case problem.As(t.err) != nil:
		return stateFailed
	}
	return stateCancelled
}

func (t *Component) observeStep(st *step, v *client.Vertex) {
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
	// A step from a remote cache is reported again, and not as cached, while its layers are fetched.
	is.cached = is.done && v.Cached || t.states[v.Digest].cached
	t.forgetStep(v.Digest)
	t.states[v.Digest] = is
	t.addToCounts(is, 1)
}

// forgetStep takes a step out of the counts.
func (t *Component) forgetStep(step digest.Digest) {
	t.addToCounts(t.states[step], -1)
	delete(t.states, step)
}

func (t *Component) addToCounts(s stepState, n int) {
	if s.done {
		t.done += n
	}
	if s.cached {
		t.cached += n
	}
}

// currentStep is the instruction that began last, else whatever else runs, such as loading the context.
func (t *Component) currentStep() *step {
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

// StepCounts returns the number of instructions known so far, how many are done, and how many of these were cached.
func (t *Component) StepCounts() (all, done, cached int) { return len(t.states), t.done, t.cached }

func (t *Component) elapsedAt(now time.Time) time.Duration {
	switch {
	case t.started.IsZero():
		return 0
	case t.ended.IsZero():
		return now.Sub(t.started)
	}
	return t.ended.Sub(t.started)
}

// summaryLine returns the component's outcome in one line.
func (t *Component) summaryLine() string {
	after := formatSeconds(t.elapsedAt(t.ended))
	switch state := t.currentState(); {
	case state == stateBuilt && t.result.Reused:
		return fmt.Sprintf("built before from the same inputs, %s", Megabytes(t.result.Size))
	case state == stateBuilt && t.result.Existing:
		return "exists already, found in " + after
	case state == stateBuilt && t.result.Remote:
		return fmt.Sprintf("built and pushed in %s, %d of %d steps cached", after, t.result.CachedSteps, t.result.Steps)
	case state == stateBuilt:
		text := fmt.Sprintf("built in %s, %d of %d steps cached, %s", after, t.result.CachedSteps, t.result.Steps, Megabytes(t.result.Size))
		if t.Warnings > 0 {
			text += ", " + plural(t.Warnings, "warning")
		}
		return text
	case state == stateFailed:
		return "failed after " + after
	}
	if t.started.IsZero() {
		return "cancelled before it began"
	}
	return "cancelled after " + after
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Megabytes returns a number of bytes as people read it.
func Megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
