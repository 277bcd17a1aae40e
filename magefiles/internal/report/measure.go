package report

import (
	"fmt"
	"time"
)

// Duration returns a time as people say it, with two or three digits: 340 ms, 1.2 s, 12.4 s, 2 min 5 s, 1 h 3 min.
func Duration(d time.Duration) string {
	switch d = max(d, 0); {
	case d.Round(time.Millisecond) < time.Second:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d.Round(100*time.Millisecond) < time.Minute:
		return fmt.Sprintf("%.1f s", d.Round(100*time.Millisecond).Seconds())
	case d.Round(time.Second) < time.Hour:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}

// Size returns bytes in decimal units (1 MB is 1,000,000 bytes), as registries and docker do: 312 B, 4.1 kB, 12.4 MB.
func Size(bytes int64) string {
	value, unit := float64(max(bytes, 0)), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		if value < 999.95 {
			break
		}
		value, unit = value/1000, next
	}
	if unit == "B" {
		return fmt.Sprintf("%.0f B", value)
	}
	return fmt.Sprintf("%.1f %s", value, unit)
}

// Seconds is Duration of seconds.
func Seconds(s float64) string { return Duration(time.Duration(s * float64(time.Second))) }
