package doctor_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
)

func finding(status doctor.Status, text string) func(context.Context) doctor.Finding {
	return func(context.Context) doctor.Finding { return doctor.Finding{Status: status, Text: text} }
}

// TestWhatHangsHidesNothing has a check that waits for its context and one that does not even do that.
func TestWhatHangsHidesNothing(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	results := doctor.Run(t.Context(), []doctor.Check{
		{Group: "a", Name: "deaf", Late: "look there", Run: func(context.Context) doctor.Finding { <-release; return doctor.Finding{} }},
		{Group: "a", Name: "waits", Late: "look there", Run: func(ctx context.Context) doctor.Finding {
			<-ctx.Done()
			return doctor.Finding{Status: doctor.Fail, Text: "echo"}
		}},
		{Group: "b", Name: "quick", Run: finding(doctor.OK, "fine")},
	}, 50*time.Millisecond)
	for i, want := range []doctor.Finding{
		{Status: doctor.Fail, Text: "no answer within 50ms", Remedy: "look there"},
		{Status: doctor.Fail, Text: "no answer within 50ms", Remedy: "look there"},
		{Status: doctor.OK, Text: "fine"},
	} {
		if results[i].Finding != want {
			t.Errorf("%s is %+v, want %+v", results[i].Name, results[i].Finding, want)
		}
	}
	if results[0].Name != "deaf" || results[2].Group != "b" || doctor.Count(results, doctor.Fail) != 2 || doctor.Count(results, doctor.Warn) != 0 {
		t.Errorf("results %+v", results)
	}
}

// TestSharedWorkEndsForAll has checks wait for what one of them reads: its end is the end of each.
func TestSharedWorkEndsForAll(t *testing.T) {
	first := make(chan context.Context, 1)
	var once sync.Once
	checks := make([]doctor.Check, 50)
	for i := range checks {
		checks[i] = doctor.Check{Late: "look there", Run: func(ctx context.Context) doctor.Finding {
			once.Do(func() { first <- ctx })
			shared := <-first
			first <- shared
			<-shared.Done()
			return doctor.Finding{Status: doctor.Fail, Text: "reading: " + context.Cause(shared).Error()}
		}}
	}
	for i, result := range doctor.Run(t.Context(), checks, 50*time.Millisecond) {
		if want := (doctor.Finding{Status: doctor.Fail, Text: "no answer within 50ms", Remedy: "look there"}); result.Finding != want {
			t.Errorf("check %d: %+v", i, result.Finding)
		}
	}
}

// TestChecksRunAtOnce has two checks that each wait for the other.
func TestChecksRunAtOnce(t *testing.T) {
	meet := make(chan struct{})
	results := doctor.Run(t.Context(), []doctor.Check{
		{Name: "one", Run: func(ctx context.Context) doctor.Finding {
			select {
			case meet <- struct{}{}:
				return doctor.Finding{Status: doctor.OK}
			case <-ctx.Done():
				return doctor.Finding{Status: doctor.Fail}
			}
		}},
		{Name: "two", Run: func(ctx context.Context) doctor.Finding {
			select {
			case <-meet:
				return doctor.Finding{Status: doctor.OK}
			case <-ctx.Done():
				return doctor.Finding{Status: doctor.Fail}
			}
		}},
	}, time.Minute)
	if doctor.Count(results, doctor.OK) != 2 {
		t.Errorf("results %+v", results)
	}
}

func TestACancelledRunSaysWhy(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("cancelled by SIGTERM"))
	results := doctor.Run(ctx, []doctor.Check{{Name: "waits", Run: func(ctx context.Context) doctor.Finding {
		<-ctx.Done()
		return doctor.Finding{Status: doctor.Fail, Text: "echo"}
	}}}, time.Minute)
	if results[0].Status != doctor.Fail || results[0].Text != "cancelled by SIGTERM" {
		t.Errorf("result %+v", results[0])
	}
}
