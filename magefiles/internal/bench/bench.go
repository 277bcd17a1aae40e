// Package bench measures whole commands as people run them, against the tools that they would use instead, interleaved in
// one run on the same daemon and registry.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// repetitions of each measurement; the median is what counts.
const repetitions = 5

// Options say what is measured and where.
type Options struct {
	Self     string // the compiled targets
	Entry    string // scripts/mage
	Buildctl string
	Dir      string   // state of the run, removed by the caller
	Cache    string   // the user's cache for this tool
	Environ  []string // of this process
	Out      io.Writer
	JSON     bool
}

// Row is one case: ours, the other's if there is one, and the bound that we set ourselves.
type Row struct {
	Case    string  `json:"case"`
	Ours    Sample  `json:"ours"`
	Other   *Sample `json:"other,omitempty"`
	Against string  `json:"against,omitempty"`
	Ratio   float64 `json:"ratio,omitempty"` // ours / other, of the medians
	Target  string  `json:"target"`
}

// Sample is what the repetitions of one measurement gave, in milliseconds of wall time.
type Sample struct {
	Median float64 `json:"medianMs"`
	Min    float64 `json:"minMs"`
	Max    float64 `json:"maxMs"`
}

// Run measures every case and prints a table, or JSON.
func Run(ctx context.Context, o Options) error {
	w, err := newWorkload(ctx, o)
	if err != nil {
		return err
	}
	rows, err := w.cases(ctx)
	if closeErr := w.close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if o.JSON {
		encoder := json.NewEncoder(o.Out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(rows)
	}
	return writeTable(o.Out, rows)
}

// measure takes turns, so that what else the machine does hits both alike.
func measure(ctx context.Context, ours, other func(context.Context) error) (a, b Sample, err error) {
	var first, second []time.Duration
	for range repetitions {
		for _, side := range []struct {
			run   func(context.Context) error
			times *[]time.Duration
		}{{ours, &first}, {other, &second}} {
			if side.run == nil {
				continue
			}
			started := time.Now()
			if err := side.run(ctx); err != nil {
				return a, b, err
			}
			*side.times = append(*side.times, time.Since(started))
		}
	}
	return sample(first), sample(second), nil
}

func sample(times []time.Duration) Sample {
	if len(times) == 0 {
		return Sample{}
	}
	slices.Sort(times)
	return Sample{Median: milliseconds(times[len(times)/2]), Min: milliseconds(times[0]), Max: milliseconds(times[len(times)-1])}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func writeTable(w io.Writer, rows []Row) error {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "case\tours, ms (min-max)\tother, ms (min-max)\tratio\ttarget\tagainst")
	for _, row := range rows {
		other, ratio := "", ""
		if row.Other != nil {
			other, ratio = row.Other.String(), fmt.Sprintf("%.2f", row.Ratio)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", row.Case, row.Ours, other, ratio, row.Target, row.Against)
	}
	return table.Flush()
}

// String is the median with the range.
func (s Sample) String() string { return fmt.Sprintf("%.0f (%.0f-%.0f)", s.Median, s.Min, s.Max) }
