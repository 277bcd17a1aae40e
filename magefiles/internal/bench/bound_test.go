package bench

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestAMissedTargetShows in the table and in JSON, and a kept one does not.
func TestAMissedTargetShows(t *testing.T) {
	ours := Sample{Median: 120, Min: 110, Max: 130, Memory: 210}
	for name, test := range map[string]struct {
		target Bound
		ratio  float64
		shown  string
		missed bool
		counts []Count
	}{
		"in time":         {target: Bound{Wall: 150 * time.Millisecond}, shown: "<= 150 ms"},
		"too late":        {target: Bound{Wall: 100 * time.Millisecond}, shown: "✗ <= 100 ms", missed: true},
		"too large":       {target: Bound{Wall: 3 * time.Second, Memory: 200}, shown: "✗ <= 3 s, <= 200 MB", missed: true},
		"slower than one": {target: Bound{Ratio: 0.35}, ratio: 0.36, shown: "✗ <= 0.35x", missed: true},
		"as fast":         {target: Bound{Ratio: 1}, ratio: 1, shown: "<= 1x"},
		"without":         {shown: ""},
		"too many":        {target: Bound{Wall: time.Second}, shown: "✗ <= 1 s", missed: true, counts: []Count{{"packages", 612, 550}, {"MB", 28, 30}}},
	} {
		t.Run(name, func(t *testing.T) {
			rows := []Row{{Case: "case", Ours: ours, Ratio: test.ratio, Target: test.target, Counts: test.counts}}
			var table, machine bytes.Buffer
			if err := writeRows(Options{Out: &table}, rows); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(table.String(), test.shown) && strings.Contains(table.String(), "✗") == test.missed; !got {
				t.Errorf("the table:\n%s", &table)
			}
			if test.counts != nil && !strings.HasSuffix(table.String(), "  ✗ 612 packages (<= 550), 28 MB (<= 30)\n") {
				t.Errorf("the counts:\n%s", &table)
			}
			if err := writeRows(Options{Out: &machine, JSON: true}, rows); err != nil {
				t.Fatal(err)
			}
			var read []struct {
				Target string
				Missed *bool
			}
			if err := json.Unmarshal(machine.Bytes(), &read); err != nil {
				t.Fatal(err)
			}
			if got := read[0]; got.Target != strings.TrimPrefix(test.shown, "✗ ") || (got.Missed == nil) != (test.target == Bound{}) || got.Missed != nil && *got.Missed != test.missed {
				t.Errorf("JSON:\n%s", &machine)
			}
		})
	}
}
