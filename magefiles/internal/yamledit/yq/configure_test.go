package yq_test

import (
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// TestOneEvaluationRunsAtATime counts without any other lock.
func TestOneEvaluationRunsAtATime(t *testing.T) {
	var all sync.WaitGroup
	count := 0
	for range 50 {
		all.Go(func() {
			defer yq.Lock()()
			seen := count
			runtime.Gosched()
			count = seen + 1
		})
	}
	all.Wait()
	if count != 50 {
		t.Errorf("%d of 50 have counted", count)
	}
}

func TestAPanicOfTheLibraryIsAnError(t *testing.T) {
	errBefore := errors.New("before")
	run := func(cause any) (err error) {
		defer yq.Recover(&err)
		if cause != nil {
			panic(cause)
		}
		return errBefore
	}
	for _, cause := range []any{"odd file", errors.New("odd file")} {
		if err := run(cause); err == nil || !strings.Contains(err.Error(), "YAML library: odd file") {
			t.Errorf("of %v: %v", cause, err)
		}
	}
	if err := run(nil); !errors.Is(err, errBefore) {
		t.Errorf("without a panic: %v", err)
	}
}
