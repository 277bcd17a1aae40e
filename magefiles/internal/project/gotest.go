// Package project holds the chores of this repository itself: its tests, lint, audit, benchmarks, figures and versions. Application
// repositories never compile it.
package project

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// testEvent is a line of `go test -json` (go doc test2json).
type testEvent struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// testRun collects what a run of go test says, shows what a person wants of it, and counts.
type testRun struct {
	out     io.Writer
	output  map[string][]string // per test or package, until it ends
	passed  int
	failed  int
	skipped []string
}

// Test runs every package's tests with the race detector. In CI a skipped test is a failure: what is skipped there is
// never run.
func Test(ctx context.Context) error {
	c, err := openCheckout()
	if err != nil {
		return err
	}
	// The race detector needs a C compiler, steps of a build need runc, skopeo reads the built images independently, docker-registry is a
	// registry to push to, ssh-agent one that steps ask, and busybox has what a small image has.
	if err := c.requirePackages(ctx, map[string]string{
		"gcc": "gcc libc6-dev", "runc": "runc", "skopeo": "skopeo",
		"docker-registry": "docker-registry", "ssh-agent": "openssh-client", "busybox": "busybox-static",
	}); err != nil {
		return err
	}
	if err := c.fetchContracts(ctx); err != nil {
		return err
	}
	// go test begins in this order. The end-to-end tests take longer than half of all others together, and mostly wait: begun last,
	// as the alphabet has it, they would run alone.
	return c.goTest(ctx, "./magefiles/targets", "./...")
}

func (c checkout) goTest(ctx context.Context, packages ...string) error {
	// Lint vets all, once; here vet would look at each dependency again, as the race detector has it compiled.
	// What tests share finds its files by where it was compiled, which -trimpath would hide.
	flags := strings.ReplaceAll(c.flags, "-trimpath", "")
	args := append([]string{"test", "-json", "-race", "-vet=off", "-timeout=40m"}, packages...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = c.dir
	cmd.Env = append(c.withMemory(), "GOFLAGS="+flags, "GOWORK=off", "CGO_ENABLED=1")
	cmd.Stderr = c.out
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("running go test: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("running go test: %w", err)
	}
	t := &testRun{out: c.out, output: map[string][]string{}}
	readErr := t.readEvents(pipe)
	waitErr := cmd.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return t.verdict(c.ci, errors.Join(readErr, waitErr))
}

func (t *testRun) readEvents(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e testEvent
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			fmt.Fprintln(t.out, lines.Text()) // a compiler's message
			continue
		}
		t.handleEvent(e)
	}
	return lines.Err()
}

func (t *testRun) handleEvent(e testEvent) {
	name := e.Package + "\x00" + e.Test
	switch e.Action {
	case "output", "build-output":
		t.output[name] = append(t.output[name], e.Output)
		return
	case "pass":
		if e.Test != "" {
			t.passed++
		}
	case "fail":
		if e.Test != "" {
			t.failed++
		}
		fmt.Fprint(t.out, strings.Join(t.output[name], ""))
	case "skip":
		if e.Test != "" {
			t.skipped = append(t.skipped, e.Package+" "+e.Test)
			fmt.Fprint(t.out, strings.Join(t.output[name], ""))
		}
	default:
		return
	}
	if e.Test == "" && e.Action != "fail" {
		t.closingLine(name)
	}
	delete(t.output, name)
}

// closingLine shows a package's own last line, such as `ok  	example.com/p	0.1s`.
func (t *testRun) closingLine(name string) {
	lines := t.output[name]
	if at := slices.IndexFunc(lines, isClosing); at >= 0 {
		fmt.Fprint(t.out, lines[at])
	}
}

func isClosing(line string) bool {
	return strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "?   \t") || strings.Contains(line, "[no test files]")
}

func (t *testRun) verdict(ci bool, err error) error {
	fmt.Fprintf(t.out, "%d passed, %d failed, %d skipped\n", t.passed, t.failed, len(t.skipped))
	switch {
	case err != nil || t.failed > 0:
		return problem.New(problem.Failed, "", "testing: %d tests failed: %w", t.failed, cmp.Or(err, errors.New("see above")))
	case ci && len(t.forbiddenSkips()) > 0:
		return problem.New(problem.Failed, "CI has BuildKit, a registry and git: make these run there",
			"testing: skipped in CI:\n  %s", strings.Join(t.forbiddenSkips(), "\n  "))
	}
	return nil
}

// forbiddenSkips are the skipped tests that CI must run: all but the one whose files are not part of this repository.
func (t *testRun) forbiddenSkips() []string {
	return slices.DeleteFunc(slices.Clone(t.skipped), func(name string) bool {
		return strings.HasSuffix(name, "/internal/yamledit TestCorpus")
	})
}
