package buildkit_test

import (
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
)

func TestPlainShowsSharedStepsOnce(t *testing.T) {
	r := newRepository(t)
	r.write("unique.txt", t.TempDir()) // so that nothing is cached
	for _, name := range []string{"core", "batch"} {
		r.component(name, base+"COPY unique.txt /\nRUN echo shared output\nRUN echo only for "+name+"\n")
	}
	r.must()
	out := r.output.String()
	for text, want := range map[string]int{
		" shared output\n": 2, // the instruction, and what it printed
		"[internal]":       0, "core  | built in": 1, "batch | built in": 1,
	} {
		if got := strings.Count(out, text); got != want {
			t.Errorf("%q is shown %d times, want %d:\n%s", text, got, want, out)
		}
	}
	if !strings.Contains(out, " only for core\n") || !strings.Contains(out, " only for batch\n") {
		t.Errorf("output is missing:\n%s", out)
	}
}

func TestGitHubFoldsEachComponent(t *testing.T) {
	r := newRepository(t)
	r.opts.Display.Mode = progress.GitHub
	for _, name := range []string{"core", "batch"} {
		r.component(name, base+"RUN echo '::error::not a command' for "+name+"\n")
	}
	r.must()
	open := ""
	for line := range strings.Lines(r.output.String()) {
		name, begins := strings.CutPrefix(line, "::group::")
		switch {
		case begins && open == "":
			open, _, _ = strings.Cut(name, ":")
		case line == "::endgroup::\n" && open != "":
			open = ""
		case strings.HasPrefix(line, "::") || open == "":
			t.Errorf("unexpected line %q", line)
		case strings.Contains(line, " for ") && !strings.Contains(line, " for "+open):
			t.Errorf("a line of another component in group %s: %q", open, line)
		}
	}
	if open != "" {
		t.Errorf("group %s stays open", open)
	}
}

var control = regexp.MustCompile(`\r|\x1b\[\d*[A-Z]`) // what moves the cursor and erases

func TestTTYRowsFit(t *testing.T) {
	r := newRepository(t)
	r.opts.Display.Mode = progress.TTY
	r.component("core", base+"RUN echo "+strings.Repeat("아주 긴 줄 ", 30)+"&& sleep 0.5\n")
	r.component("batch", base+"RUN sleep 0.3\n")
	r.must()
	for row := range strings.SplitSeq(r.output.String(), "\n") {
		row = control.ReplaceAllString(row, "")
		columns := 0
		for _, c := range row {
			columns++
			if c >= 0xac00 && c <= 0xd7a3 { // Hangul syllables take two
				columns++
			}
		}
		if columns > 79 {
			t.Errorf("%d columns: %q", columns, row)
		}
	}
	if !strings.Contains(r.output.String(), "2 of 2 images") || !strings.Contains(r.output.String(), "✓ core ") {
		t.Errorf("the last rows do not say how it ended:\n%q", r.output.String())
	}
	if strings.Contains(r.output.String(), "\x1b[0m") {
		t.Error("colours without being asked for")
	}
}

func TestUnknownDisplayIsRefused(t *testing.T) {
	r := newRepository(t)
	r.component("core", base)
	r.opts.Display.Mode = "fancy"
	if _, err := r.run(); err == nil || !strings.Contains(err.Error(), `unknown mode "fancy"`) {
		t.Errorf("got %v", err)
	}
}

func TestRunLeavesNoGoroutine(t *testing.T) {
	r := newRepository(t)
	r.component("core", base+"RUN echo fine\n")
	r.component("batch", base+"RUN exit 1\n")
	if _, err := r.run(); err == nil { // the first opens connections that stay
		t.Fatal("a failing step has not failed the build")
	}
	before := runtime.NumGoroutine()
	for range 5 {
		if _, err := r.run(); err == nil {
			t.Fatal("a failing step has not failed the build")
		}
	}
	var now int
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if now = runtime.NumGoroutine(); now <= before {
			return
		}
	}
	stacks := make([]byte, 1<<20)
	t.Errorf("%d goroutines before, %d after:\n%s", before, now, stacks[:runtime.Stack(stacks, true)])
}
