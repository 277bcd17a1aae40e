package worktree

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// large is a size of files of which the hashes are worth keeping.
const large = 20 << 20

// kept writes a large file of long ago, reads it with a cache, and returns its path and the cache's options.
func kept(t *testing.T) (name string, o Options) {
	t.Helper()
	o = Options{Root: t.TempDir(), CacheDir: filepath.Join(t.TempDir(), "sums")}
	name = filepath.Join(o.Root, "file")
	if err := os.WriteFile(name, []byte(strings.Repeat("x", large)), 0o644); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond) // of a file that was written just now nothing is kept
	read(t, o, name)
	return name, o
}

// read returns what a run takes a file for, and whether it has read it.
func read(t *testing.T, o Options, name string) (sum [sha256.Size]byte, again bool) {
	t.Helper()
	tree, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := tree.Snapshot(t.Context(), ".", Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.Close(); err != nil {
		t.Fatal(err)
	}
	it, found := s.findItem(filepath.Base(name))
	if !found {
		t.Fatalf("%s is not there", name)
	}
	return it.content.Sum, tree.shared.sums.Hits() == 0
}

func TestSumsAreKept(t *testing.T) {
	name, o := kept(t)
	want := sha256.Sum256([]byte(strings.Repeat("x", large)))
	if sum, again := read(t, o, name); sum != want || again {
		t.Errorf("read again: %v", again)
	}
	for what, spoil := range map[string]func(file string){
		"cut": func(file string) { write(t, file, readFile(t, file)[:60]) },
		"overwritten": func(file string) {
			data := readFile(t, file)
			data[len(data)-40] ^= 1
			write(t, file, data)
		},
		"another version": func(file string) {
			write(t, file, []byte(strings.Replace(string(readFile(t, file)), "sums 4", "sums 3", 1)))
		},
		"empty": func(file string) { write(t, file, nil) },
	} {
		t.Run(what, func(t *testing.T) {
			name, o := kept(t)
			spoil(keptFile(t, o))
			if sum, again := read(t, o, name); sum != want || !again {
				t.Errorf("read again: %v", again)
			}
		})
	}
}

// What others may write to decides nothing.
func TestSumsOfOthersAreNotTaken(t *testing.T) {
	cases := map[string]func(dir string) error{
		"writable by all":     func(dir string) error { return os.Chmod(dir, 0o777) },
		"writable by a group": func(dir string) error { return os.Chmod(dir, 0o770) },
		"of another user":     func(dir string) error { return os.Chown(dir, 65534, 65534) },
		"a link": func(dir string) error {
			if err := os.Rename(dir, dir+".real"); err != nil {
				return err
			}
			return os.Symlink(dir+".real", dir)
		},
	}
	if os.Geteuid() != 0 {
		delete(cases, "of another user") // only root gives a directory away
	}
	for what, share := range cases {
		t.Run(what, func(t *testing.T) {
			name, o := kept(t)
			if err := share(o.CacheDir); err != nil {
				t.Fatal(err)
			}
			if _, again := read(t, o, name); !again {
				t.Error("the sums are taken")
			}
		})
	}
}

// A file of equal size and time is distinguished by the time of its last change, which no program can set.
func TestSumsAreThoseOfTheFile(t *testing.T) {
	name, o := kept(t)
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	write(t, name, []byte(strings.Repeat("y", large)))
	if err := os.Chtimes(name, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if sum, _ := read(t, o, name); sum != sha256.Sum256([]byte(strings.Repeat("y", large))) {
		t.Error("the file is taken for what it was")
	}
}

// keptFile is the one file of a cache.
func keptFile(t *testing.T, o Options) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(o.CacheDir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the cache has %q, %v", files, err)
	}
	return files[0]
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
