package progress

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/moby/buildkit/client"
)

// heldLines is the number of lines that are held back of each output stream of a running step. When the step fails, these lines are part of
// the error, which shows them once, next to the instruction; when it ends well they are shown then. It is by stream, as the daemon reads
// the two independently: what a tool said last on one may arrive before all it wrote to the other.
const heldLines = 20

// step is a vertex of BuildKit's graph: an instruction, or something internal such as loading a context.
type step struct {
	id        int // number for the reader, from 1; zero until it starts
	name      string
	owner     *Component // the component under whose name it is shown: the first that reported it
	started   time.Time
	completed time.Time
	shown     bool // its first line has been shown
	cached    bool // that line has said so; what comes then is the fetching of its layers
	failed    bool
	done      bool
	count     int // lines of output
	held      []heldLine
	parts     map[int]*strings.Builder        // the line that is being written, by output stream
	beat      time.Time                       // when it was last said to be alive
	transfers map[string]*client.VertexStatus // what it moves, by name
}

// heldLine is a line of output; prefix is the step's number and the seconds since it started.
type heldLine struct {
	stream       int
	prefix, text string
}

func (l heldLine) String() string { return l.prefix + l.text }

// observeVertex takes a report about the step and returns the lines that it makes visible.
func (s *step) observeVertex(v *client.Vertex) (lines []string) {
	if v.Started != nil && v.Started.After(s.started) {
		s.started, s.completed = *v.Started, time.Time{}
		s.beat = s.started
	}
	if v.Started == nil || s.started.IsZero() || isInternal(s.name) {
		return nil
	}
	if !s.shown && !v.Cached {
		s.shown = true
		lines = append(lines, fmt.Sprintf("#%d %s", s.id, s.name))
	}
	if v.Completed == nil || !s.completed.IsZero() || s.cached {
		return lines
	}
	s.completed = *v.Completed
	return append(lines, s.endLines(v)...)
}

func (s *step) endLines(v *client.Vertex) (lines []string) {
	switch {
	case isCancelled(v.Error):
		return []string{fmt.Sprintf("#%d CANCELED", s.id)}
	case v.Error != "":
		s.failed = true
		return []string{fmt.Sprintf("#%d FAILED after %s", s.id, formatSeconds(v.Completed.Sub(*v.Started)))}
	case v.Cached && s.shown:
		return nil
	case v.Cached:
		s.shown, s.cached = true, true
		return []string{fmt.Sprintf("#%d CACHED %s", s.id, s.name)}
	}
	for _, line := range s.heldOutput() {
		lines = append(lines, line.String())
	}
	s.held = nil
	if s.done && len(lines) == 0 { // a FROM that several components share ends for each of them
		return nil
	}
	s.done = true
	return append(lines, fmt.Sprintf("#%d DONE %s", s.id, formatSeconds(v.Completed.Sub(*v.Started))))
}

// appendOutput takes a piece of output, cuts it into lines and returns those that are old enough to be shown.
func (s *step) appendOutput(l *client.VertexLog) (lines []string) {
	part := s.parts[l.Stream]
	if part == nil {
		part = &strings.Builder{}
		s.parts[l.Stream] = part
	}
	for line := range strings.Lines(string(l.Data)) {
		part.WriteString(strings.TrimSuffix(line, "\n"))
		if strings.HasSuffix(line, "\n") {
			s.holdLine(l.Stream, part.String(), l.Timestamp)
			part.Reset()
		}
	}
	return s.releaseOld(l.Stream)
}

func (s *step) holdLine(stream int, line string, at time.Time) {
	line = strings.TrimSuffix(line, "\r")
	line = line[strings.LastIndexByte(line, '\r')+1:] // a progress bar redraws its line; the last state counts
	s.count++
	prefix := fmt.Sprintf("#%d %.3f ", s.id, max(0, at.Sub(s.started).Seconds()))
	s.held = append(s.held, heldLine{stream, prefix, line})
}

// releaseOld takes the lines of a stream that are older than its last few.
func (s *step) releaseOld(stream int) (lines []string) {
	over := -heldLines
	for _, line := range s.held {
		if line.stream == stream {
			over++
		}
	}
	s.held = slices.DeleteFunc(s.held, func(line heldLine) bool {
		if line.stream != stream || over <= 0 {
			return false
		}
		over--
		lines = append(lines, line.String())
		return true
	})
	return lines
}

// heldOutput returns the lines that are held back, with what was written after the last line break.
func (s *step) heldOutput() []heldLine {
	for stream, part := range s.parts {
		if part.Len() > 0 {
			s.holdLine(stream, part.String(), time.Now())
			part.Reset()
		}
	}
	return s.held
}

// transferText returns the amount of data that the step has transferred, of the total: files of a context, layers that are pulled or
// pushed.
func (s *step) transferText() string {
	var current, total int64
	for _, t := range s.transfers {
		current, total = current+t.Current, total+t.Total
	}
	switch {
	case current == 0:
		return ""
	case total == 0: // a context's size is known when it is there
		return Megabytes(current)
	}
	return fmt.Sprintf("%.1f of %s", float64(current)/1e6, Megabytes(max(current, total)))
}

func (s *step) heartbeatText(now time.Time) string {
	if !s.shown || s.started.IsZero() || !s.completed.IsZero() || now.Sub(s.beat) < heartbeatInterval {
		return ""
	}
	s.beat = now
	return fmt.Sprintf("#%d still running after %s, %d lines of output", s.id, formatSeconds(now.Sub(s.started)), s.count)
}

// isInternal reports whether a vertex is none of the Dockerfile's instructions: those begin with their number, as in
// "[build 2/5] RUN make".
func isInternal(name string) bool {
	return !strings.HasPrefix(name, "[") || strings.HasPrefix(name, "[internal]") || strings.HasPrefix(name, "[auth]") ||
		strings.HasPrefix(name, "[context ")
}

// isCancelled recognises what a vertex says when its build was cancelled; the stream carries text only.
func isCancelled(message string) bool {
	return strings.Contains(message, "context canceled")
}

func formatSeconds(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
}
