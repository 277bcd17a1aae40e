//go:build unix

package toolchain_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

const planted = "#!/bin/sh\necho planted\n"

// kept gets a program into a cache, and counts how often it was made.
func kept(t *testing.T, path string, made *int) error {
	t.Helper()
	return toolchain.Keep(t.Context(), path, func(temporary string) error {
		*made++
		return os.WriteFile(temporary, []byte("#!/bin/sh\necho compiled\n"), 0o755)
	})
}

// TestAttackCachedProgram overwrites a program of the cache, as a build step of the same user can, and takes its sum away.
func TestAttackCachedProgram(t *testing.T) {
	path, made := filepath.Join(t.TempDir(), "bin", "helm-1"), 0
	elsewhere := filepath.Join(t.TempDir(), "open")
	for n, attack := range []func() error{
		func() error { return nil },
		func() error { // what is run is to be in the directory that is checked
			if err := os.Rename(path, elsewhere); err != nil {
				return err
			}
			return os.Symlink(elsewhere, path)
		},
		func() error { return os.WriteFile(path, []byte(planted), 0o755) },
		func() error { return os.WriteFile(path+".sum", []byte("0\n"), 0o644) },
		func() error { return os.Remove(path + ".sum") },
		func() error {
			if err := os.Remove(path); err != nil {
				return err
			}
			return os.Symlink("/bin/sh", path)
		},
	} {
		if err := attack(); err != nil {
			t.Fatal(err)
		}
		if err := kept(t, path, &made); err != nil || made != n+1 {
			t.Errorf("attack %d: made %d times, %v", n, made, err)
		}
		if data, err := os.ReadFile(path); err != nil || string(data) == planted {
			t.Errorf("attack %d: %q, %v", n, data, err)
		}
		if err := kept(t, path, &made); err != nil || made != n+1 {
			t.Errorf("attack %d, and nothing after: made %d times, %v", n, made, err)
		}
	}
}

// TestAttackSharedCache plants a program with its right sum where another user may write, or owns the directory.
func TestAttackSharedCache(t *testing.T) {
	for name, open := range map[string]func(dir, path string) error{
		"directory is open":          func(dir, _ string) error { return os.Chmod(dir, 0o777) },
		"directory is open (sticky)": func(dir, _ string) error { return os.Chmod(dir, 0o777|os.ModeSticky) },
		"file is open":               func(_, path string) error { return os.Chmod(path, 0o777) },
		"directory is another's":     func(dir, _ string) error { return os.Chown(dir, 65534, 65534) },
		"file is another's":          func(_, path string) error { return os.Chown(path, 65534, 65534) },
	} {
		t.Run(name, func(t *testing.T) {
			if strings.HasSuffix(name, "another's") && os.Geteuid() != 0 {
				return // only root can give a file away
			}
			dir := filepath.Join(t.TempDir(), "bin")
			path, made := filepath.Join(dir, "helm-1"), 0
			if err := kept(t, path, &made); err != nil {
				t.Fatal(err)
			}
			if err := open(dir, path); err != nil {
				t.Fatal(err)
			}
			err := kept(t, path, &made)
			if p := problem.As(err); p == nil || p.ExitStatus() != problem.Refused || made != 1 {
				t.Errorf("made %d times, %v", made, err)
			}
		})
	}
	t.Run("own group", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "bin")
		path, made := filepath.Join(dir, "helm-1"), 0
		if err := kept(t, path, &made); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, 0o775); err != nil {
			t.Fatal(err)
		}
		if err := kept(t, path, &made); err != nil || made != 1 {
			t.Errorf("made %d times, %v", made, err)
		}
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	})
}
