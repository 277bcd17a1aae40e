package targets_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestWhatACheckoutAddsIsNotSent: permissions beside git's, and what git cannot have.
func TestWhatACheckoutAddsIsNotSent(t *testing.T) {
	t.Parallel()
	reused := func(messy func(*sample)) kind {
		return kind{
			dockerfile: "FROM BASE\nCOPY . /s\n", reused: true,
			files: map[string]string{"a.txt": "x", "dir/run.sh": "x", ".dockerignore": ".git\nb.txt\n"},
			before: func(s *sample) {
				s.gitIn("", "update-index", "--chmod=+x", "dir/run.sh")
				s.gitIn("", "commit", "-q", "-m", "executable")
				s.gitIn("", "checkout", "-q", "-f", ".")
				s.must(os.Chmod(filepath.Join(s.dir, "dir", "run.sh"), 0o755))
			},
			change: func(s *sample) { another(s); messy(s) }, after: (*sample).plainModes,
		}
	}
	kinds(t, map[string]kind{
		"umask 077":      reused(func(s *sample) { s.umask(0o077) }),
		"umask 002":      reused(func(s *sample) { s.umask(0o002) }),
		"no file modes":  reused(func(s *sample) { s.gitIn("", "config", "core.fileMode", "false"); s.umask(0o133) }),
		"empty folders":  reused(func(s *sample) { s.must(os.MkdirAll(filepath.Join(s.dir, "empty", "too"), 0o700)) }),
		"pipe":           reused(func(s *sample) { s.must(syscall.Mkfifo(filepath.Join(s.dir, "pipe"), 0o644)) }),
		"socket":         reused(func(s *sample) { s.listen("socket") }),
		"hard link":      reused(func(s *sample) { s.hardLink("a.txt") }),
		"sticky folders": reused(func(s *sample) { s.must(os.Chmod(filepath.Join(s.dir, "dir"), 0o777|os.ModeSetgid|os.ModeSticky)) }),
	})
}

// umask gives all files and folders the permissions that they have after a checkout with a umask.
func (s *sample) umask(mask fs.FileMode) {
	s.t.Helper()
	s.must(filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Name() == ".git" {
			return errorOrSkip(err)
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := 0o666 | info.Mode()&0o111
		if entry.IsDir() {
			return os.Chmod(path, 0o777&^(mask&0o077))
		}
		return os.Chmod(path, mode&^mask)
	}))
}

func errorOrSkip(err error) error {
	if err != nil {
		return err
	}
	return fs.SkipDir
}

// listen leaves a socket in the application.
func (s *sample) listen(path string) {
	s.t.Helper()
	listener, err := net.Listen("unix", filepath.Join(s.dir, path))
	s.must(err)
	s.t.Cleanup(func() { _ = listener.Close() })
}

// hardLink gives a file a second name outside.
func (s *sample) hardLink(path string) {
	s.t.Helper()
	s.must(os.Link(filepath.Join(s.dir, path), filepath.Join(s.t.TempDir(), "second")))
}

// plainModes wants the image's files to have git's permissions.
func (s *sample) plainModes() {
	s.t.Helper()
	files := s.image()
	for path, want := range map[string]fs.FileMode{"/s/a.txt": 0o644, "/s/dir/run.sh": 0o755, "/s/dir": 0o755 | fs.ModeDir} {
		if got := files[path].mode; got != want {
			s.t.Errorf("%s of the image is %v, want %v", path, got, want)
		}
	}
}

// TestContentsOfEqualStat changes files that keep their size and time, which is all that BuildKit compares.
func TestContentsOfEqualStat(t *testing.T) {
	t.Parallel()
	const made = "FROM BASE\nCOPY build/out.txt /out\n"
	ignored := ".gitignore"
	kinds(t, map[string]kind{
		"same size and time": {
			dockerfile: copied, files: map[string]string{"a.txt": "one"}, out: "/out",
			before: func(s *sample) { s.old("a.txt") }, change: func(s *sample) {
				s.write("a.txt", "two")
				s.old("a.txt")
				s.commit("two")
			},
		},
		"one after the other": {
			dockerfile: "FROM BASE\nCOPY first.txt /out\nCOPY a.txt /out\n", out: "/out",
			files:  map[string]string{"a.txt": "one", "first.txt": "0ne"},
			before: func(s *sample) { s.old("a.txt"); s.old("first.txt") }, change: func(s *sample) {
				s.write("a.txt", "two")
				s.old("a.txt")
				s.commit("two")
			},
		},
		"made with a constant time": {
			top: "prepare: 'mkdir -p build && cp a.txt build/out.txt && touch -d @0 build/out.txt'\n", dockerfile: made, out: "/out",
			files: map[string]string{"a.txt": "one", ignored: "/build\n/.astrago\n"}, change: two("a.txt"),
		},
		"unpacked from a reproducible archive": {
			top: "prepare: 'mkdir -p build && tar -xf a.tar -C build'\n", dockerfile: made, out: "/out",
			files:  map[string]string{ignored: "/build\n/.astrago\n"},
			before: func(s *sample) { s.pack("one") }, change: func(s *sample) { s.pack("two") },
		},
	})
}

// old gives a file the constant time that reproducible archives have.
func (s *sample) old(path string) {
	s.t.Helper()
	then := time.Date(1980, 2, 1, 0, 0, 0, 0, time.UTC)
	s.must(os.Chtimes(filepath.Join(s.dir, path), then, then))
}

// pack commits an archive whose out.txt holds a text, as reproducible ones are: all times are the same.
func (s *sample) pack(text string) {
	s.t.Helper()
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	s.must(w.WriteHeader(&tar.Header{Name: "out.txt", Mode: 0o644, Size: int64(len(text)), ModTime: time.Unix(0, 0)}))
	_, err := w.Write([]byte(text))
	s.must(errors.Join(err, w.Close()))
	s.write("a.tar", archive.String())
	s.commit("packed " + text)
}
