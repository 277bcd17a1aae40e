package progress

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "display", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (make it with -update)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs (accept with -update)\n--- got\n%s\n--- want\n%s", path, got, want)
	}
}

// play is a build as its status streams tell it, at times that are always the same.
type play struct {
	board *Model
	at    time.Time
}

func newPlay(t testing.TB, d Display, components ...string) *play {
	t.Helper()
	p := &play{at: time.Date(2025, 9, 12, 1, 4, 5, 0, time.UTC)}
	b, err := newModel(d, component.Names(components), func() time.Time { return p.at })
	if err != nil {
		t.Fatal(err)
	}
	p.board = b
	return p
}

func (p *play) advance(seconds float64) {
	p.at = p.at.Add(time.Duration(seconds * float64(time.Second)))
}

// vertex reports a step to components, which share it; how is running, done, cached, or the words of an error.
func (p *play) vertex(name, how string, components ...int) {
	started := p.at
	v := client.Vertex{Digest: digest.FromString(name), Name: name, Started: &started}
	if st := p.board.steps[v.Digest]; st != nil && !st.started.IsZero() {
		v.Started = &st.started
	}
	if how != "running" {
		v.Completed = &p.at
	}
	if how != "running" && how != "done" && how != "cached" {
		v.Error = how
	}
	v.Cached = how == "cached"
	p.send(client.SolveStatus{Vertexes: []*client.Vertex{&v}}, components...)
}

func (p *play) send(s client.SolveStatus, components ...int) {
	for _, i := range components {
		p.board.Update(p.board.Tracks[i], &s)
	}
}

func (p *play) print(step, text string, components ...int) {
	p.send(client.SolveStatus{Logs: []*client.VertexLog{{Vertex: digest.FromString(step), Stream: 1, Data: []byte(text), Timestamp: p.at}}}, components...)
}

func (p *play) move(step, id string, current, total int64, components ...int) {
	p.send(client.SolveStatus{Statuses: []*client.VertexStatus{{Vertex: digest.FromString(step), ID: id, Current: current, Total: total}}}, components...)
}

const (
	loading = "[internal] load build context"
	making  = "[builder 2/2] RUN make 전부"
	copying = "[stage-1 2/2] COPY --from=builder /out /"
	failing = "[stage-2 2/3] RUN npm ci"
)

// middle is where core and batch wait for the stage that they share, web installs and monitor has no place yet.
func (p *play) middle() {
	for i := range 3 {
		p.board.Start(p.board.Tracks[i])
	}
	p.vertex(loading, "running", 0, 1, 2)
	p.move(loading, "transferring context:", 12_400_000, 0, 0, 1, 2)
	p.board.tick()
	p.advance(1.5)
	p.vertex(loading, "done", 0, 1, 2)
	p.vertex("[builder 1/2] COPY . /src", "cached", 0, 1)
	p.vertex(making, "running", 0, 1)
	p.print(making, "compiling 1\ncompiling 2\n", 0)
	p.print(making, "compiling 1\ncompiling 2\n", 1)
	p.vertex("[stage-2 1/3] FROM registry/node", "running", 2)
	p.move("[stage-2 1/3] FROM registry/node", "sha256:1", 3_000_000, 40_000_000, 2)
	p.send(client.SolveStatus{Warnings: []*client.VertexWarning{{
		Short: []byte("StageNameCasing: Stage name 'Web' should be lowercase (line 1)"), URL: "https://docs.docker.com/x",
		SourceInfo: &pb.SourceInfo{Filename: "docker/web/Dockerfile"}, Range: []*pb.Range{{Start: &pb.Position{Line: 1}}},
	}}}, 2)
	p.advance(2)
	p.board.Notify(p.board.Tracks[1], "lost the BuildKit daemon at tcp://one:1234; what it was building is built by another")
	p.board.tick()
}

func (p *play) end() {
	p.vertex("[stage-2 1/3] FROM registry/node", "done", 2)
	p.vertex(failing, "running", 2)
	p.print(failing, "::error::npm broke\n", 2)
	p.advance(62)
	p.vertex(making, "done", 0, 1)
	p.vertex(copying, "running", 0, 1)
	p.vertex(copying, "done", 0, 1)
	for i := range 2 {
		p.board.Finish(p.board.Tracks[i], &Result{Steps: 3, CachedSteps: 1, Size: 3_200_000}, nil)
	}
	p.vertex(failing, "process did not complete: exit code: 1", 2)
	p.board.Finish(p.board.Tracks[2], nil, problem.New(problem.Failed, "", "npm"))
	p.board.tick()
	p.board.Close()
}

func TestModes(t *testing.T) {
	for _, mode := range []Mode{Plain, GitHub, RawJSON, TTY} {
		t.Run(string(mode), func(t *testing.T) {
			var out interface {
				io.Writer
				fmt.Stringer
			} = &bytes.Buffer{}
			if mode == TTY {
				out = newScreen(70, 12)
			}
			p := newPlay(t, Display{W: out, Mode: mode, Size: func() (int, int) { return 70, 12 }}, "core", "batch", "웹", "monitor")
			p.middle()
			middle := out.String()
			p.end()
			if mode == TTY {
				golden(t, "tty-middle.txt", middle)
			}
			golden(t, string(mode)+".txt", out.String())
		})
	}
}

// A terminal with fewer rows than components shows those that matter, and never more than it has.
func TestManyComponentsFitTheScreen(t *testing.T) {
	var names []string
	for i := range 500 {
		names = append(names, fmt.Sprintf("c%03d", i))
	}
	s := newScreen(60, 10)
	p := newPlay(t, Display{W: s, Mode: TTY, Size: func() (int, int) { return s.columns, s.rows }}, names...)
	for i, t := range p.board.Tracks {
		if i < 200 {
			p.board.Start(t)
		}
		switch {
		case i < 100:
			p.board.Finish(t, &Result{Steps: 2}, nil)
		case i == 120:
			p.board.Finish(t, nil, problem.New(problem.Failed, "", "broken"))
		case i >= 124 && i < 200:
			p.board.Finish(t, nil, errors.New("stopped"))
		case i < 124:
			p.vertex(fmt.Sprintf("[1/1] RUN %d", i), "running", i)
		}
		if i%50 == 0 {
			p.board.tick()
		}
	}
	for range 3 {
		p.advance(0.1)
		p.board.tick()
	}
	golden(t, "tty-500.txt", s.String())
	p.advance(1)
	p.board.Close()
	golden(t, "tty-500-end.txt", s.String())
}

// A terminal that becomes narrower wraps the rows that are on it; the next drawing still takes all of them back.
func TestNarrowerTerminalLeavesNoRows(t *testing.T) {
	s := newScreen(100, 24)
	p := newPlay(t, Display{W: s, Mode: TTY, Size: func() (int, int) { return s.columns, s.rows }}, "core", "batch")
	for i, t := range p.board.Tracks {
		p.board.Start(t)
		p.vertex("[1/1] RUN "+strings.Repeat("긴 명령 ", 30), "running", i)
	}
	p.board.tick()
	for _, columns := range []int{60, 33, 80} {
		s.resize(columns)
		p.board.tick()
		if got := strings.Count(s.String(), "\n"); got != 3 {
			t.Errorf("%d rows at %d columns, want 3:\n%s", got, columns, s)
		}
	}
}
