package console_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

var modes = []struct {
	name    string
	options console.Options
}{
	{"plain", console.Options{}},
	{"github", console.Options{GitHub: true}},
	{"terminal", console.Options{Terminal: true}},
	{"color", console.Options{Terminal: true, Color: true, Width: 100}},
	{"narrow", console.Options{Width: 60}},
}

// release plays a release that works on a console.
func release(c *console.Console, at *sample.Clock) {
	c.Header(sample.Plan())
	s := c.Stage("prepare")
	fmt.Fprintln(s.Writer(), "> Task :server-core:bootJar\nBUILD SUCCESSFUL in 3s")
	at.Advance(3 * time.Second)
	s.Done("./gradlew bootJar")

	s = c.Stage("build")
	fmt.Fprint(c.Display(), "core    | #7 [2/3] RUN 설치") // no line end, as a cut stream leaves it
	at.Advance(8100 * time.Millisecond)
	s.Done("3 images, 15 of 21 steps cached")
	c.Warn("core: base image has no digest\npin it in docker/core/Dockerfile")

	s = c.Stage("push")
	for sent := int64(0); sent <= 12_400_000; sent += 620_000 {
		s.Progress(sent, 12_400_000)
		at.Advance(400 * time.Millisecond)
	}
	s.Done("3 images, 12.4 MB uploaded")
	c.Note("registry: ghcr.io")

	s = c.Stage("bump")
	at.Advance(310 * time.Millisecond)
	s.Done("3 values")
	c.Stage("argocd").Skip("no application configured")
	c.Finish(sample.Report(report.CommandRelease))
}

func render(o console.Options, play func(c *console.Console, at *sample.Clock)) string {
	var b bytes.Buffer
	at := sample.NewClock()
	o.Now = at.Read
	play(console.New(&b, o), at)
	return b.String()
}

func TestConsole(t *testing.T) {
	plays := []struct {
		name string
		play func(c *console.Console, at *sample.Clock)
	}{
		{"release", release},
		{"refused", func(c *console.Console, at *sample.Clock) {
			s := c.Stage("bump")
			at.Advance(340 * time.Millisecond)
			s.Fail(sample.Refused())
			r := sample.Failed(sample.Refused())
			r.Images = nil
			c.Finish(r)
			c.Error(sample.Refused())
		}},
		{"wrong-configuration", func(c *console.Console, _ *sample.Clock) { c.Error(sample.Errors()) }},
		{"nothing-to-do", func(c *console.Console, _ *sample.Clock) {
			r := sample.Report(report.CommandBump)
			r.Outcome, r.Seconds, r.Images, r.Stages = report.NothingToDo, 0.12, nil, nil
			r.Deployment[0].Changes = nil
			c.Finish(r)
		}},
		{"dry-run", func(c *console.Console, _ *sample.Clock) {
			r := sample.Report(report.CommandRelease)
			r.DryRun, r.Seconds, r.Stages = true, 0.4, nil
			r.Deployment[0].Subject = "OPS-1 deploy(stage): astrago-backend a1b2c3d4"
			r.Deployment[0].Commit, r.Deployment[0].URL = "", ""
			c.Finish(r)
		}},
		{"warnings", func(c *console.Console, _ *sample.Clock) {
			warnings := sample.Warnings()
			for i := range 6 {
				again := warnings[0]
				again.Place = &report.Place{File: fmt.Sprintf("docker/%d/Dockerfile", i), Line: 1}
				warnings = append(warnings, again)
			}
			c.Warnings(warnings)
		}},
		{"promoted", func(c *console.Console, _ *sample.Clock) { c.Finish(sample.Messages()["promoted"]) }},
		{"plan", func(c *console.Console, _ *sample.Clock) { c.Plan(sample.Plan(), sample.Actions()) }},
	}
	for _, mode := range modes {
		for _, p := range plays {
			t.Run(mode.name+"/"+p.name, func(t *testing.T) {
				out := render(mode.options, p.play)
				if !mode.options.Color && strings.ContainsRune(out, '\x1b') {
					t.Errorf("escape byte without colour: %q", out)
				}
				if mode.options.Terminal && !mode.options.Color {
					out = screen(out, hangul)
				}
				sample.Golden(t, ""+p.name+"."+mode.name+".txt", out)
			})
		}
	}
}

func TestTerminalShowsProgressInPlace(t *testing.T) {
	out := render(console.Options{Terminal: true, Width: 40}, func(c *console.Console, at *sample.Clock) {
		s := c.Stage("push")
		at.Advance(time.Second)
		s.Progress(1_000_000, 4_000_000)
		at.Advance(time.Millisecond)
		s.Progress(2_000_000, 4_000_000) // too soon to be drawn
	})
	if got, want := screen(out, hangul), "▸ push       1.0 MB of 4.0 MB, 25 %"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLiveLineNeverWraps(t *testing.T) {
	out := render(console.Options{Terminal: true, Width: 20}, func(c *console.Console, _ *sample.Clock) {
		c.Stage("아주 긴 이름을 가진 단계입니다")
	})
	if got, want := screen(out, hangul), "▸ 아주 긴 이름을…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStageEndsOnce(t *testing.T) {
	var c *console.Console
	out := render(console.Options{}, func(console *console.Console, _ *sample.Clock) {
		c = console
		s := c.Stage("push")
		defer s.Fail(errors.New("too late"))
		s.Done("")
		s.Progress(1, 2)
	})
	if got := c.Timings(); len(got) != 1 || got[0].Outcome != report.Done {
		t.Errorf("timings %+v, want one that is done", got)
	}
	if strings.Contains(out, "failed") {
		t.Errorf("an ended stage failed:\n%s", out)
	}
}

func TestTimings(t *testing.T) {
	var c *console.Console
	render(console.Options{}, func(console *console.Console, at *sample.Clock) {
		c = console
		s := c.Stage("build")
		at.Advance(1500 * time.Millisecond)
		s.Fail(fmt.Errorf("building: %w", context.Canceled))
		c.Stage("push").Fail(problem.New(problem.Refused, "", "moved"))
	})
	got := c.Timings()
	if len(got) != 2 || got[0].Seconds != 1.5 || got[0].Outcome != report.Cancelled || got[1].Outcome != report.Refused ||
		!got[0].Started.Equal(sample.Time) || !got[1].Started.Equal(sample.Time.Add(1500*time.Millisecond)) {
		t.Errorf("got %+v", got)
	}
}

// A stage that is folded in a GitHub log must not swallow output that stands outside it, nor an error.
func TestGitHubFoldsAreClosed(t *testing.T) {
	out := render(console.Options{GitHub: true}, func(c *console.Console, _ *sample.Clock) {
		s := c.Stage("build")
		_, _ = io.WriteString(s.Writer(), "starting a daemon\n")
		_, _ = io.WriteString(s.Display(), "::group::core\n#1 done\n::endgroup::\n")
		_, _ = io.WriteString(c.Display(), "::group::batch\n#1 done\n::endgroup::\n")
		s.Done("")
		c.Stage("push")
		c.Stage("bump")
		c.Error(errors.New("boom"))
	})
	depth := 0
	for line := range strings.Lines(out) {
		switch {
		case strings.HasPrefix(line, "::group::"):
			depth++
		case strings.HasPrefix(line, "::endgroup::"):
			depth--
		case strings.HasPrefix(line, "::error"), strings.HasPrefix(line, "✓"):
			if depth != 0 {
				t.Errorf("%q stands in a fold", line)
			}
		}
		if depth < 0 || depth > 1 {
			t.Fatalf("folds are nested or closed twice at %q:\n%s", line, out)
		}
	}
	if depth != 0 {
		t.Errorf("a fold stays open:\n%s", out)
	}
}

func TestConsoleIsSafeForConcurrentUse(t *testing.T) {
	var b bytes.Buffer
	c := console.New(&b, console.Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s := c.Stage("push")
			for i := range int64(50) {
				s.Progress(i, 50)
				c.Note("note")
				fmt.Fprintln(s.Writer(), "output")
			}
			s.Done("")
		})
	}
	wg.Wait()
	if got := strings.Count(b.String(), "output\n"); got != 400 {
		t.Errorf("%d lines of output, want 400", got)
	}
	for line := range strings.Lines(b.String()) {
		if l := strings.TrimSpace(line); l != "note" && l != "output" && !strings.Contains(l, "push") {
			t.Errorf("mixed line %q", line)
		}
	}
}
