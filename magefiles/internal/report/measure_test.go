package report_test

import (
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

func TestDuration(t *testing.T) {
	tests := map[time.Duration]string{
		-time.Second:                               "0 ms",
		0:                                          "0 ms",
		400 * time.Microsecond:                     "0 ms",
		340 * time.Millisecond:                     "340 ms",
		999_400 * time.Microsecond:                 "999 ms",
		999_600 * time.Microsecond:                 "1.0 s",
		1240 * time.Millisecond:                    "1.2 s",
		12*time.Second + 440*time.Millisecond:      "12.4 s",
		59*time.Second + 949*time.Millisecond:      "59.9 s",
		59*time.Second + 960*time.Millisecond:      "1 min 0 s",
		2*time.Minute + 5*time.Second:              "2 min 5 s",
		59*time.Minute + 59600*time.Millisecond:    "1 h 0 min",
		time.Hour + 3*time.Minute + 29*time.Second: "1 h 3 min",
		27 * time.Hour:                             "27 h 0 min",
	}
	for d, want := range tests {
		if got := report.Duration(d); got != want {
			t.Errorf("Duration(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestSize(t *testing.T) {
	tests := map[int64]string{
		-1: "0 B", 0: "0 B", 312: "312 B", 999: "999 B", 1000: "1.0 kB", 4_149: "4.1 kB",
		999_949: "999.9 kB", 999_950: "1.0 MB", 12_400_000: "12.4 MB", 5_000_000_000: "5.0 GB", 2_000_000_000_000_000: "2000.0 TB",
	}
	for bytes, want := range tests {
		if got := report.Size(bytes); got != want {
			t.Errorf("Size(%d) = %q, want %q", bytes, got, want)
		}
	}
}
