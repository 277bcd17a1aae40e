package atomicfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/atomicfile"
)

func TestAFileIsTheOldOneOrTheNewOne(t *testing.T) {
	dir := t.TempDir()
	name, broken := filepath.Join(dir, "file"), errors.New("broken")
	hold := func(want string, files int) {
		t.Helper()
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != files {
			t.Errorf("%v, %v", entries, err)
		}
	}
	for _, o := range []atomicfile.Options{{Mode: 0o600}, {Mode: 0o600, Unsynced: true}} {
		if err := atomicfile.WriteData(name, o, []byte("old")); err != nil {
			t.Fatal(err)
		}
		hold("old", 1)
		if info, err := os.Stat(name); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%v, %v", info, err)
		}
		err := atomicfile.Write(name, o, func(w io.Writer) error {
			_, err := io.WriteString(w, "half")
			return errors.Join(err, broken)
		})
		if !errors.Is(err, broken) {
			t.Error(err)
		}
		hold("old", 1)
		if err := atomicfile.Write(name, o, func(w io.Writer) error {
			_, err := io.WriteString(w, "new")
			hold("old", 2)
			return err
		}); err != nil {
			t.Error(err)
		}
		hold("new", 1)
	}
	if err := atomicfile.WriteData(filepath.Join(dir, "none", "file"), atomicfile.Options{}, nil); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
