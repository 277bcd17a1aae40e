package build

import (
	"fmt"
	"strings"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// track is the progress of one component.
type track struct {
	name     string
	label    string // name, padded to the longest
	started  time.Time
	ended    time.Time
	states   map[digest.Digest]stepState
	current  *step // the instruction that was reported last as running
	warnings int   // how many of the board's warnings are about it
	image    *Image
	err      error
}

// stepState is how far a step is in this component's own stream.
type stepState struct{ done, cached bool }

func (t *track) observe(st *step, v *client.Vertex) {
	if !isInstruction(st.name) {
		return
	}
	if v.Started != nil && v.Completed == nil {
		t.current = st
	}
	t.states[v.Digest] = stepState{done: v.Completed != nil && v.Error == "", cached: v.Cached}
}

// isInstruction leaves out FROM, too: it makes no layer, and whether it is cached says nothing.
func isInstruction(name string) bool {
	return !isInternal(name) && !strings.Contains(name, "] FROM ")
}

// counts gives the number of instructions known so far, how many are done, and how many of these were cached.
func (t *track) counts() (all, done, cached int) {
	for _, s := range t.states {
		all++
		if s.done {
			done++
		}
		if s.done && s.cached {
			cached++
		}
	}
	return all, done, cached
}

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
	switch {
	case t.image != nil && t.image.Reused:
		return fmt.Sprintf("built before from the same inputs, %s", megabytes(t.image.Size))
	case t.image != nil && t.image.Remote:
		return fmt.Sprintf("built and pushed in %s, %d of %d steps cached", after, t.image.CachedSteps, t.image.Steps)
	case t.image != nil:
		text := fmt.Sprintf("built in %s, %d of %d steps cached, %s", after, t.image.CachedSteps, t.image.Steps, megabytes(t.image.Size))
		if t.warnings > 0 {
			text += ", " + count(t.warnings, "warning")
		}
		return text
	case problem.As(t.err) != nil:
		return "failed after " + after
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
