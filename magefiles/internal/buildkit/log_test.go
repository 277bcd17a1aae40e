package buildkit_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
)

// Three components share a builder stage: its steps run once, are shown once, count for each, and are in each one's log.
func TestSharedStageIsShownOnceAndCountsForEach(t *testing.T) {
	r := newRepository(t)
	r.write("unique.txt", t.TempDir()) // so that nothing is cached
	const shared = "FROM scratch AS compile\nCOPY toolbox /bin/sh\nENV PATH=/bin\nCOPY unique.txt /\nRUN echo compiled once && write /app.txt app\n"
	names := []string{"core", "batch", "monitor"}
	for _, name := range names {
		r.component(name, shared+"FROM scratch\nCOPY --from=compile /app.txt /"+name+".txt\n")
	}
	images := r.must()
	if got := strings.Count(r.output.String(), " compiled once\n"); got != 1 {
		t.Errorf("its output is shown %d times:\n%s", got, r.output.String())
	}
	if got := strings.Count(r.output.String(), "RUN echo compiled once"); got != 1 {
		t.Errorf("its step is shown %d times:\n%s", got, r.output.String())
	}
	printed := 0
	for i, name := range names {
		// Who comes when the stage is done finds it in the cache; its own step never is.
		if images[i].Steps != 4 || images[i].CachedSteps > 3 {
			t.Errorf("%s has %d steps, %d cached; want 4, the last of them not", name, images[i].Steps, images[i].CachedSteps)
		}
		log := r.log(name)
		if !strings.Contains(log, "RUN echo compiled once") || !strings.Contains(log, "COPY --from=compile /app.txt /"+name+".txt") {
			t.Errorf("log of %s:\n%s", name, log)
		}
		printed += strings.Count(log, " compiled once\n")
	}
	if printed == 0 {
		t.Error("no log has what the shared step printed")
	}
	if !strings.Contains(r.output.String(), "core    | built in ") || strings.Count(r.output.String(), " of 4 steps cached, ") != 3 {
		t.Errorf("closing lines:\n%s", r.output.String())
	}
}

func (r *repository) log(component string) string {
	r.t.Helper()
	data, err := os.ReadFile(filepath.Join(r.opts.Logs, component+".log"))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(data)
}

// What a cancelled build did is in its log.
func TestLogOfACancelledBuild(t *testing.T) {
	r := newRepository(t)
	r.component("core", base+"ENV TEST="+strings.ReplaceAll(t.TempDir(), "/", "-")+"\nRUN echo before the end && sleep 600\n")
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped by the test")
	r.opts.Display = progress.Display{Mode: progress.RawJSON, W: writerFunc(func(p []byte) (int, error) {
		if strings.Contains(string(p), `"logs":`) {
			cancel(stopped)
		}
		return len(p), nil
	})}
	if _, err := buildkit.Run(ctx, r.plan, r.opts); !errors.Is(err, stopped) {
		t.Fatalf("got %v", err)
	}
	if log := r.log("core"); !strings.Contains(log, " before the end\n") || !strings.Contains(log, " CANCELED\n") {
		t.Errorf("log:\n%s", log)
	}
}
