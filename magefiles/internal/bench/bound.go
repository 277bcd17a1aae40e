package bench

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Bound is the most that a row may take; what is zero is not bounded.
type Bound struct {
	Wall   time.Duration // of the median
	Memory float64       // peak of the process, megabytes
	Ratio  float64       // astrago-ci / other, of the medians
}

// String is the bound as the table has it, such as "<= 3 s, <= 200 MB".
func (b Bound) String() string {
	var parts []string
	switch {
	case b.Wall >= time.Second:
		parts = append(parts, fmt.Sprintf("<= %g s", b.Wall.Seconds()))
	case b.Wall > 0:
		parts = append(parts, fmt.Sprintf("<= %d ms", b.Wall.Milliseconds()))
	}
	if b.Memory > 0 {
		parts = append(parts, fmt.Sprintf("<= %g MB", b.Memory))
	}
	if b.Ratio > 0 {
		parts = append(parts, fmt.Sprintf("<= %gx", b.Ratio))
	}
	return strings.Join(parts, ", ")
}

// MarshalText returns the same to JSON.
func (b Bound) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// missed reports whether a measured row takes more.
func (b Bound) missed(row Row) bool {
	return b.Wall > 0 && row.Ours.Median > milliseconds(b.Wall) ||
		b.Memory > 0 && row.Ours.Memory > b.Memory ||
		b.Ratio > 0 && row.Ratio > b.Ratio ||
		slices.ContainsFunc(row.Counts, func(c Count) bool { return c.Value > c.Most })
}

// Count is a figure of a row beside its time, with its maximum.
type Count struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Most  float64 `json:"most"`
}

// String is the count as the table's note has it.
func (c Count) String() string {
	text := fmt.Sprintf("%.4g %s (<= %g)", c.Value, c.Name, c.Most)
	if c.Value > c.Most {
		return "✗ " + text
	}
	return text
}
