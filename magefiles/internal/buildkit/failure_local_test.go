package buildkit

import (
	"errors"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestOutOfSpace(t *testing.T) {
	for _, test := range []struct {
		err  error
		step *StepError
		want bool
	}{
		{err: nil},
		{err: status.Error(codes.ResourceExhausted, "write /var/lib/buildkit/x: no space left on device"), want: true},
		{err: errors.New("mkdir /var/lib/x: No space left on device"), want: true},
		{err: status.Error(codes.ResourceExhausted, "grpc: received message larger than max (5 vs. 4)")},
		{err: errors.New("exit code: 1"), step: &StepError{Output: []string{"cp: write error: No space left on device"}}, want: true},
		{err: errors.New("exit code: 1"), step: &StepError{Output: []string{"fine"}}},
	} {
		if got := outOfSpace(test.err, test.step); got != test.want {
			t.Errorf("%v, %+v: %v, want %v", test.err, test.step, got, test.want)
		}
	}
}
