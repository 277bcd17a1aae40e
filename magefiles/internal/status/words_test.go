package status

import (
	"slices"
	"testing"
	"time"
)

func TestWords(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"now": 59 * time.Second, "1min": time.Minute, "59min": time.Hour - 1, "1h": time.Hour, "47h": 48*time.Hour - 1, "2d": 48 * time.Hour,
	} {
		if got := ShortAge(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
	seven := 7
	for want, s := range map[string]*Source{"?": {Ahead: 2}, "7": {Behind: &seven}, "7 +2": {Behind: &seven, Ahead: 2}} {
		if got := s.BehindText(); got != want {
			t.Errorf("%+v is %q, want %q", s, got, want)
		}
	}
	held := &Hold{By: "kim"}
	for want, c := range map[string]Component{"ok": {State: OK}, "held": {State: Held, Hold: held}, "drift, held": {State: Drifted, Hold: held}} {
		if got := c.StateText(); got != want {
			t.Errorf("%+v is %q, want %q", c, got, want)
		}
	}
}

// What one person holds for one reason is said once.
func TestHoldTexts(t *testing.T) {
	now := time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)
	hold := func(reason, until string) *Hold {
		return &Hold{By: "kim", Since: now.Add(-2 * time.Hour), Reason: reason, Until: until}
	}
	d := Deployment{Components: []Component{
		{Name: "core", Hold: hold("login\n fails", "newer")},
		{Name: "web"},
		{Name: "batch", Hold: hold("login\n fails", "newer")},
		{Name: "jobs", Hold: hold("", "lift")},
	}}
	want := []string{"core, batch held for 2h by kim until a newer build: login fails", "jobs held for 2h by kim until it is lifted"}
	if got := d.HoldTexts(now); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
