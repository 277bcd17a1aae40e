// Package problemtest checks errors as their readers meet them.
package problemtest

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Want checks that an error is a problem with an exit code, and that it says all the texts and no secret, which may be empty.
func Want(t testing.TB, err error, status int, secret string, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	p := problem.As(err)
	if p == nil {
		t.Fatalf("no problem: %v", err)
	}
	if p.ExitStatus() != status {
		t.Errorf("exit code %d, want %d: %v", p.ExitStatus(), status, err)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q is not in:\n%v", text, err)
		}
	}
	if secret != "" && strings.Contains(err.Error(), secret) {
		t.Errorf("the secret is in:\n%v", err)
	}
}
