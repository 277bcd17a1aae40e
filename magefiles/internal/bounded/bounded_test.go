package bounded_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/xiilab/astrago-ci/magefiles/internal/bounded"
)

func TestReadAll(t *testing.T) {
	for text, whole := range map[string]bool{"": true, "12345678": true, "123456789": false, strings.Repeat("x", 1<<16): false} {
		got, err := bounded.ReadAll(iotest.OneByteReader(strings.NewReader(text)), 8)
		if whole != (err == nil) || whole && string(got) != text {
			t.Errorf("%d bytes: %q, %v", len(text), got, err)
		}
	}
	broken := errors.New("broken")
	if _, err := bounded.ReadAll(iotest.ErrReader(broken), 8); !errors.Is(err, broken) {
		t.Error(err)
	}
}

func TestReadFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if _, err := bounded.ReadFile(name, 8); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(name, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := bounded.ReadFile(name, 7); string(got) != "content" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := bounded.ReadFile(name, 6); err == nil || !strings.Contains(err.Error(), "more than 6 bytes") {
		t.Error(err)
	}
}
