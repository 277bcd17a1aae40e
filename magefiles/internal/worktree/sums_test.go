package worktree

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// kept writes a large file of long ago, reads it with a cache, and returns its path and the cache's options.
func kept(t *testing.T) (name string, o Options) {
	t.Helper()
	o = Options{Root: t.TempDir(), CacheDir: filepath.Join(t.TempDir(), "sums")}
	name = filepath.Join(o.Root, "file")
	if err := os.WriteFile(name, []byte(strings.Repeat("x", worthBytes)), 0o644); err != nil {
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
	it, found := s.find(filepath.Base(name))
	if !found {
		t.Fatalf("%s is not there", name)
	}
	return it.content.sum, tree.shared.sums.taken == 0
}

func TestSumsAreKept(t *testing.T) {
	name, o := kept(t)
	want := sha256.Sum256([]byte(strings.Repeat("x", worthBytes)))
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
			write(t, file, []byte(strings.Replace(string(readFile(t, file)), "sums 2", "sums 0", 1)))
		},
		"empty": func(file string) { write(t, file, nil) },
	} {
		t.Run(what, func(t *testing.T) {
			name, o := kept(t)
			spoil(openSums(o).file)
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

// A file of equal size and time is told by the time of its last change, which nobody can set.
func TestSumsAreThoseOfTheFile(t *testing.T) {
	name, o := kept(t)
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	write(t, name, []byte(strings.Repeat("y", worthBytes)))
	if err := os.Chtimes(name, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if sum, _ := read(t, o, name); sum != sha256.Sum256([]byte(strings.Repeat("y", worthBytes))) {
		t.Error("the file is taken for what it was")
	}
}

// What was written a moment ago may be written again within the same tick of the file system's clock.
func TestFreshFilesAreNotTrusted(t *testing.T) {
	now := time.Now()
	at := func(before time.Duration) stat {
		time := now.Add(-before).UnixNano()/1000*1000 + 1
		return stat{identity: identity{fileID{1, 2}, time}, size: 3, mtime: time}
	}
	s := openSums(Options{})
	for _, before := range []time.Duration{0, 50 * time.Millisecond} {
		s.add(at(before), content{}, now)
		if _, found := s.lookup(at(before)); found {
			t.Errorf("of a file that was written %v before it was read something is kept", before)
		}
	}
	coarse := at(time.Second)
	coarse.ctime -= coarse.ctime % int64(time.Second)
	s.add(coarse, content{}, now)
	if _, found := s.lookup(coarse); found {
		t.Error("a file system that counts seconds is taken for a better one")
	}
	old := at(time.Second)
	s.add(old, content{size: old.size, mtime: old.mtime}, now)
	if _, found := s.lookup(old); !found {
		t.Error("of an old file nothing is kept")
	}
	for what, other := range map[string]stat{
		"size": {old.identity, 0, 4, old.mtime, ""}, "mtime": {old.identity, 0, 3, old.mtime - 1, ""},
		"ctime": {identity{old.fileID, old.ctime - 1}, 0, 3, old.mtime, ""}, "file": {identity{fileID{1, 3}, old.ctime}, 0, 3, old.mtime, ""},
	} {
		if _, found := s.lookup(other); found {
			t.Errorf("a file of another %s has the same content", what)
		}
	}
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
