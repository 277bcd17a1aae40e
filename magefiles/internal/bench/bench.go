// Package bench measures whole commands as people run them, against the tools that they would use instead, interleaved in
// one run on the same daemon and registry.
package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Options say what is measured and where.
type Options struct {
	Self    string   // the compiled targets
	Sources string   // root of this repository
	Dir     string   // state of the run, removed by the caller
	Cache   string   // the user's cache for this tool
	Environ []string // of this process
	Tools   Tools
	Cases   []string // names; empty: all
	Out     io.Writer
	Err     io.Writer // says what is measured now
	JSON    bool
}

// Tools returns the programs to compare with; each is made when a case needs it.
type Tools interface {
	// Tool compiles a program of scripts/tools and gives its path.
	Tool(ctx context.Context, module, pkg string) (string, error)
	// Package installs a program of the distribution and gives its path.
	Package(ctx context.Context, name string) (string, error)
}

// Row is one case: the sample of astrago-ci, that of the other tool if there is one, and the project's own bound.
type Row struct {
	Case    string  `json:"case"`
	Ours    Sample  `json:"ours"`
	Other   *Sample `json:"other,omitempty"`
	Against string  `json:"against,omitempty"`
	Ratio   float64 `json:"ratio,omitempty"` // astrago-ci / other, of the medians
	Target  Bound   `json:"target,omitzero"`
	Missed  *bool   `json:"missed,omitempty"` // whether it took more than Target; of rows that have one
	Counts  []Count `json:"counts,omitempty"`
	Note    string  `json:"note,omitempty"` // what else was counted
}

// ratio fills in a row that has another.
func ratio(row Row, ours, other Sample) Row {
	row.Ours, row.Other, row.Ratio = ours, &other, ours.Median/other.Median
	return row
}

// benchmark is a group of rows that are measured together.
type benchmark struct {
	name string
	run  func(*workload, context.Context) ([]Row, error)
}

// benchmarks in the order in which they are run.
func benchmarks() []benchmark {
	return []benchmark{
		{"entry", (*workload).entry},
		{"again", (*workload).again},
		{"script", (*workload).script},
		{"bake", (*workload).bake},
		{"changed", (*workload).changed},
		{"unchanged", (*workload).unchanged},
		{"output", (*workload).output},
		{"scale", (*workload).scale},
		{"monorepo", (*workload).monorepo},
		{"daemons", (*workload).daemons},
		{"layers", (*workload).layers}, // leaves a disk that is busy for a while, as the next one does
		{"push", (*workload).push},
		{"startup", (*workload).startup},
	}
}

// Run measures the cases and prints a table, or JSON.
func Run(ctx context.Context, o Options) error {
	chosen, err := choose(o.Cases)
	if err != nil {
		return err
	}
	w, err := newWorkload(ctx, o)
	if err != nil {
		return err
	}
	var rows []Row
	for _, b := range chosen {
		fmt.Fprintf(o.Err, "▸ %s\n", b.name)
		more, benchErr := b.run(w, ctx)
		if rows = append(rows, more...); benchErr != nil {
			err = fmt.Errorf("benchmark %s: %w", b.name, benchErr)
			break
		}
	}
	return errors.Join(writeRows(o, rows), err, w.close()) // what was measured is shown, also when a later case fails
}

func writeRows(o Options, rows []Row) error {
	for i, row := range rows {
		if row.Target != (Bound{}) {
			rows[i].Missed = new(row.Target.missed(row))
		}
	}
	if !o.JSON {
		return writeTable(o.Out, rows)
	}
	encoder := json.NewEncoder(o.Out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(rows)
}

func choose(names []string) ([]benchmark, error) {
	all := benchmarks()
	if len(names) == 0 {
		return all, nil
	}
	var known []string
	for _, b := range all {
		known = append(known, b.name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, problem.New(problem.Usage, "the cases are "+strings.Join(known, ", "),
				"choosing what to measure: there is no case %q", name)
		}
	}
	return slices.DeleteFunc(all, func(b benchmark) bool { return !slices.Contains(names, b.name) }), nil
}

func writeTable(w io.Writer, rows []Row) error {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "case\tours, ms (min-max)\tother, ms (min-max)\tratio\ttarget\tagainst\tnote")
	for _, row := range rows {
		other, ratio := "", ""
		if row.Other != nil {
			other, ratio = row.Other.String(), fmt.Sprintf("%.2f", row.Ratio)
		}
		notes := []string{row.Note}
		for _, count := range row.Counts {
			notes = append(notes, count.String())
		}
		target := row.Target.String()
		if row.Missed != nil && *row.Missed {
			target = "✗ " + target
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", row.Case, row.Ours, other, ratio, target, row.Against,
			strings.Trim(strings.Join(notes, ", "), ", "))
	}
	return table.Flush()
}
