package buildkit_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func TestRunExplainsFailures(t *testing.T) {
	for _, tc := range []struct {
		name       string
		dockerfile string
		target     string
		place      string   // File:Line
		message    string   // part of the first line
		remedy     string   // part of the remedy
		snippet    []string // parts
	}{
		{
			name: "parse error", dockerfile: "FROM scratch\nRUNN make\n", place: "docker/core/Dockerfile:2",
			message: "unknown instruction: RUNN", remedy: "repair docker/core/Dockerfile", snippet: []string{"   2 | >>> RUNN make"},
		},
		{
			name: "missing file", dockerfile: "FROM scratch\nCOPY build/app.jar /app.jar\n", place: "docker/core/Dockerfile:2",
			message: `"/build/app.jar": not found`, remedy: "check that build/app.jar exists", snippet: []string{">>> COPY build/app.jar"},
		},
		{
			name: "missing argument of a path", dockerfile: "FROM scratch\nARG ARTIFACT\nCOPY ${ARTIFACT}.jar /app.jar\n", place: "docker/core/Dockerfile:3",
			message: `"/.jar": not found`, remedy: "set components.core.args.ARTIFACT in astrago.yaml: ARG ARTIFACT of docker/core/Dockerfile has no default",
		},
		{
			name: "argument with a default", dockerfile: "FROM scratch\nARG ARTIFACT=app\nCOPY ${ARTIFACT}.jar /app.jar\n", place: "docker/core/Dockerfile:3",
			message: `"/app.jar": not found`, remedy: "check that app.jar exists",
		},
		{
			name: "missing argument of a base", dockerfile: "ARG BASE\nFROM $BASE\nCOPY toolbox /\n", place: "docker/core/Dockerfile:2",
			message: "should not be blank", remedy: "set components.core.args.BASE in astrago.yaml: ARG BASE of docker/core/Dockerfile has no default",
		},
		{
			name: "unknown target", dockerfile: "FROM scratch AS compile\nFROM scratch AS final\n", target: "fianl", place: "docker/core/Dockerfile",
			message: `target stage "fianl" could not be found`, remedy: "set components.core.target in astrago.yaml to a stage of docker/core/Dockerfile: compile, final",
		},
		{
			name: "unreachable registry", dockerfile: "FROM scratch AS a\n\nFROM 127.0.0.1:1/acme/base:1\nCOPY toolbox /\n", place: "docker/core/Dockerfile:3",
			message: "127.0.0.1:1/acme/base:1", remedy: "check that 127.0.0.1:1/acme/base:1 exists and that the BuildKit daemon reaches 127.0.0.1:1",
			snippet: []string{">>> FROM 127.0.0.1:1/acme/base:1"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRepository(t)
			r.component("core", tc.dockerfile).Target = tc.target
			_, err := r.run()
			p := problem.As(err)
			if p == nil {
				t.Fatalf("got %v, want a problem", err)
			}
			t.Log(p.Error())
			if p.ExitStatus() != problem.Failed {
				t.Errorf("exit status %d, want %d", p.ExitStatus(), problem.Failed)
			}
			if got := p.Place.String(); got != tc.place {
				t.Errorf("place %q, want %q", got, tc.place)
			}
			if first, _, _ := strings.Cut(p.Err.Error(), "\n"); !strings.Contains(first, tc.message) || !strings.Contains(first, `component "core"`) {
				t.Errorf("message %q, want %q of component core in it", first, tc.message)
			}
			if !strings.Contains(p.Remedy, tc.remedy) {
				t.Errorf("remedy %q, want %q in it", p.Remedy, tc.remedy)
			}
			for _, line := range tc.snippet {
				if !strings.Contains(p.Place.Snippet, line) {
					t.Errorf("snippet lacks %q:\n%s", line, p.Place.Snippet)
				}
			}
		})
	}
}

func TestRunExplainsMissingFiles(t *testing.T) {
	r := newRepository(t)
	r.component("core", base)
	for _, tc := range []struct{ context, dockerfile, place, remedy string }{
		{"nowhere", "docker/core/Dockerfile", "nowhere", "components.core.context"},
		{".", "docker/core/Dockerfil", "docker/core/Dockerfil", "components.core.dockerfile"},
		{"toolbox", "docker/core/Dockerfile", "toolbox", "components.core.context"},
		{".", "docker", "docker", "components.core.dockerfile"},
	} {
		r.plan.Images[0].Context, r.plan.Images[0].Dockerfile = tc.context, tc.dockerfile
		_, err := r.run()
		p := problem.As(err)
		if p == nil || p.Place.File != tc.place || !strings.Contains(p.Remedy, tc.remedy) {
			t.Errorf("context %q, dockerfile %q: got %v", tc.context, tc.dockerfile, err)
		}
	}
}

func TestFailedStepIsShownOnceAndCancelsTheOthers(t *testing.T) {
	for _, mode := range []progress.Mode{progress.Plain, progress.TTY, progress.GitHub} {
		t.Run(string(mode), func(t *testing.T) {
			r := newRepository(t)
			r.opts.Display.Mode = mode
			r.component("core", base+"RUN count 50 && warn it-broke-"+string(mode)+" && exit 3\n")
			r.component("batch", base+"RUN sleep 600\n")
			_, err := r.run()
			p := problem.As(err)
			if p == nil {
				t.Fatalf("got %v, want a problem", err)
			}
			all := r.output.String() + p.Error()
			t.Log("\n" + all)
			if n := strings.Count(all, " it-broke-"+string(mode)+"\n"); n != 1 {
				t.Errorf("the step's last line is shown %d times, want once", n)
			}
			if got := p.Place.String(); got != "docker/core/Dockerfile:4" {
				t.Errorf("place %q", got)
			}
			if !strings.Contains(p.Place.Snippet, ">>> RUN count 50") {
				t.Errorf("snippet:\n%s", p.Place.Snippet)
			}
			var step *buildkit.StepError
			if !errors.As(err, &step) || step.Component != "core" || step.Reason != "exit code: 3" || step.Log != ".astrago/logs/core.log" {
				t.Fatalf("step error %+v", step)
			}
			log, err := os.ReadFile(filepath.Join(r.root, step.Log))
			if err != nil || !strings.Contains(string(log), "line 1\n") || !strings.Contains(string(log), " it-broke-"+string(mode)+"\n") {
				t.Errorf("full log (%v):\n%s", err, log)
			}
			if mode == progress.Plain && !strings.Contains(r.output.String(), "batch | cancelled after") {
				t.Error("the other component is not shown as cancelled")
			}
			if layout, err := ocilayout.Open(r.opts.Layout); err != nil {
				t.Error(err)
			} else if _, ok := layout.Find(r.plan.Images[0].Ref()); ok {
				t.Error("a failed build has put an image")
			}
		})
	}
}

func TestRunEndsWhenCancelled(t *testing.T) {
	r := newRepository(t)
	r.component("core", base+"RUN echo sleeping && sleep 600\n")
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped by the test")
	r.opts.Display.W = writerFunc(func(p []byte) (int, error) {
		if strings.Contains(string(p), "RUN echo sleeping") {
			cancel(stopped)
		}
		return len(p), nil
	})
	if _, err := buildkit.Run(ctx, r.plan, r.opts); !errors.Is(err, stopped) {
		t.Errorf("got %v, want the cause of the cancellation", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
