package pinned

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// fill writes one file, and then fails if it is to.
func fill(content string, err error) func(context.Context, string) error {
	return func(_ context.Context, dir string) error {
		return errors.Join(os.WriteFile(filepath.Join(dir, "file"), []byte(content), 0o600), err)
	}
}

func TestPlaceAppearsWhole(t *testing.T) {
	s := In(t.TempDir())
	dir := filepath.Join(s.dir, "package-1")
	broken := errors.New("the network is gone")
	for _, step := range []struct {
		content string
		err     error
		want    string // in the file afterwards; empty is no file
	}{
		{"half", broken, ""},
		{"one", nil, "one"},
		{"half", broken, "one"},
		{"two", nil, "two"}, // another recipe
	} {
		if err := s.place(t.Context(), dir, fill(step.content, step.err)); !errors.Is(err, step.err) {
			t.Fatalf("error = %v, want %v", err, step.err)
		}
		got, err := os.ReadFile(filepath.Join(dir, "file"))
		if string(got) != step.want || (err == nil) != (step.want != "") {
			t.Errorf("file = %q, %v, want %q", got, err, step.want)
		}
		if left, err := os.ReadDir(s.dir); err != nil || len(left) > 1 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	}
}

func TestEmulateIsThereAsTheLockFileSays(t *testing.T) {
	s := In(t.TempDir())
	write := func(path, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lock := filepath.Join(s.Emulate(), lockName)
	if s.HasEmulate() {
		t.Error("an empty store has emulate")
	}
	if write(lock, string(emulateLock)); s.HasEmulate() {
		t.Error("a store without Node.js has emulate")
	}
	if write(s.Node(), ""); !s.HasEmulate() {
		t.Error("a complete store lacks emulate")
	}
	if write(lock, string(emulateLock)+"\n"); s.HasEmulate() {
		t.Error("a store of another lock file has emulate")
	}
}

// What is there is not fetched again: nothing is said, and no npm runs.
func TestFetchOfACompleteStoreDoesNothing(t *testing.T) {
	t.Setenv("PATH", "")
	s := In(t.TempDir())
	for _, path := range []string{s.OpenAPI(), s.GraphQL(), s.Axe(), s.Node()} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(s.Emulate(), lockName), emulateLock, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Fetch(t.Context(), func(format string, _ ...any) { t.Errorf("it says %q", format) }); err != nil {
		t.Error(err)
	}
}
