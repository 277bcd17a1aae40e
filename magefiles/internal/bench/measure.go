package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// repetitions is the number of runs of each measurement; the median counts.
const repetitions = 5

// side is one of the contestants: its steps are done in their order, in each repetition.
type side struct {
	name  string
	steps []step
}

// step is a command that is timed, or what must be done before the next one.
type step struct {
	label string // of what is measured; empty is preparation
	run   func(context.Context) (used, error)
}

// used is the consumption of one run.
type used struct {
	wall   time.Duration
	memory int64 // peak resident set of the process itself, bytes; zero where it is not known
}

// prepare is a step that is not measured.
func prepare(run func(context.Context) error) step {
	return step{run: func(ctx context.Context) (used, error) { return used{}, run(ctx) }}
}

// timed is a step that is.
func timed(label string, run func(context.Context) (used, error)) step {
	return step{label: label, run: run}
}

// Sample summarizes the repetitions of one measurement.
type Sample struct {
	Median float64 `json:"medianMs"` // wall time, milliseconds
	Min    float64 `json:"minMs"`
	Max    float64 `json:"maxMs"`
	Memory float64 `json:"peakMB,omitempty"` // largest resident set of the process itself, megabytes
}

// String is the median with the range.
func (s Sample) String() string {
	text := fmt.Sprintf("%.0f (%.0f-%.0f)", s.Median, s.Min, s.Max)
	if s.Memory > 0 {
		text += fmt.Sprintf(", %.0f MB", s.Memory)
	}
	return text
}

// measure lets the sides take turns, so that what else the machine does hits all alike. It gives the samples by side and label.
func measure(ctx context.Context, times int, sides ...side) (map[string]map[string]Sample, error) {
	runs := map[string]map[string][]used{}
	for range times {
		for _, s := range sides {
			if runs[s.name] == nil {
				runs[s.name] = map[string][]used{}
			}
			for _, step := range s.steps {
				u, err := step.run(ctx)
				if err != nil {
					return nil, fmt.Errorf("measuring %s: %w", s.name, err)
				}
				if step.label != "" {
					runs[s.name][step.label] = append(runs[s.name][step.label], u)
				}
			}
		}
	}
	samples := map[string]map[string]Sample{}
	for name, labels := range runs {
		samples[name] = map[string]Sample{}
		for label, list := range labels {
			samples[name][label] = sample(list)
		}
	}
	return samples, nil
}

func sample(runs []used) Sample {
	slices.SortFunc(runs, func(a, b used) int { return int(a.wall - b.wall) })
	var memory int64
	for _, u := range runs {
		memory = max(memory, u.memory)
	}
	return Sample{
		Median: milliseconds(runs[len(runs)/2].wall), Min: milliseconds(runs[0].wall), Max: milliseconds(runs[len(runs)-1].wall),
		Memory: float64(memory) / 1e6,
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// command is a program to run, in a directory and an environment.
type command struct {
	dir     string
	environ []string
	args    []string
	meter   string // GNU time, where the program's memory counts too
}

// run returns what it took; its output is part of the error only.
func (c command) run(ctx context.Context) (used, error) {
	args, peak := c.args, ""
	if c.meter != "" {
		// The kernel's peak for a direct child is at least this process's own size when it started the child. GNU time is small.
		peak = filepath.Join(os.TempDir(), fmt.Sprintf("peak-%d", os.Getpid()))
		args = append([]string{c.meter, "--quiet", "--format=%M", "--output=" + peak}, args...)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var output bytes.Buffer
	cmd.Dir, cmd.Env = c.dir, c.environ
	cmd.Stdout, cmd.Stderr = &output, &output
	started := time.Now()
	err := cmd.Run()
	u := used{wall: time.Since(started)}
	if err != nil {
		return u, fmt.Errorf("running %s %q: %w\n%s", filepath.Base(c.args[0]), c.args[1:], err, output.String())
	}
	if peak != "" {
		u.memory, err = readPeak(peak)
	}
	return u, err
}

// readPeak reads what GNU time has written, kilobytes, and removes it.
func readPeak(path string) (int64, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("reading how much memory was used: %w", err)
	}
	kilobytes, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading how much memory was used: %w", err)
	}
	return kilobytes * 1024, os.Remove(path)
}

func (c command) do(ctx context.Context) error {
	_, err := c.run(ctx)
	return err
}

// together runs commands in a row and adds up what they took; memory is that of the largest.
func together(commands ...command) func(context.Context) (used, error) {
	return func(ctx context.Context) (used, error) {
		var all used
		for _, c := range commands {
			u, err := c.run(ctx)
			if err != nil {
				return all, err
			}
			all.wall += u.wall
			all.memory = max(all.memory, u.memory)
		}
		return all, nil
	}
}

func write(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("writing the workload: %w", err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		return fmt.Errorf("writing the workload: %w", err)
	}
	return nil
}
