package output_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
}

// every is everything that the targets do with an output directory.
func every(root string) error {
	dir, err := output.In(root)
	if err != nil {
		return err
	}
	images, err := dir.Sub(output.Images)
	if err != nil {
		return err
	}
	logs, err := dir.Sub(output.Logs)
	if err != nil {
		return err
	}
	log, err := logs.Create("core.log")
	if err != nil {
		return err
	}
	if _, err := images.Read("index.json"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, err = images.File("index.json.lock")
	return errors.Join(log.Close(), err, images.Replace("index.json", text("{}")), dir.Renew("release.json", text("{}")))
}

func TestEverythingIsIgnoredByGit(t *testing.T) {
	root := t.TempDir()
	for range 2 {
		must(t, every(root))
	}
	for name, want := range map[string]string{".gitignore": "*\n", "release.json": "{}", "images/index.json": "{}", "logs/core.log": ""} {
		data, err := os.ReadFile(filepath.Join(root, output.Name, name))
		if err != nil || string(data) != want {
			t.Errorf("%s is %q, %v", name, data, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(root, output.Name, "*", ".new-*")); err != nil || len(left) != 0 {
		t.Errorf("%q are left, %v", left, err)
	}
}

// TestLinksAreNotFollowed puts a link in the place of each file and directory, to a place outside and to one inside: it is
// named, and what it leads to stays as it was.
func TestLinksAreNotFollowed(t *testing.T) {
	for _, name := range []string{".", "images", "logs", "logs/core.log", "images/index.json", "images/index.json.lock", "release.json"} {
		for _, inside := range []bool{false, true} {
			root := t.TempDir()
			place := filepath.Join(root, output.Name, filepath.FromSlash(name))
			target := filepath.Join(t.TempDir(), "elsewhere")
			if inside {
				target = filepath.Join(root, output.Name+"-elsewhere")
				if name != "." {
					target = filepath.Join(root, output.Name, "elsewhere")
				}
			}
			must(t, os.MkdirAll(filepath.Dir(place), 0o755))
			must(t, os.MkdirAll(filepath.Dir(target), 0o755))
			if strings.Contains(name, ".json") || strings.HasSuffix(name, ".log") {
				must(t, os.WriteFile(target, []byte("theirs"), 0o644))
			} else {
				must(t, os.Mkdir(target, 0o755))
			}
			must(t, os.Symlink(target, place))
			err := every(root)
			p := problem.As(err)
			if name == "release.json" || name == "images/index.json" {
				p = nil
				errors.As(err, &p)
			}
			if p == nil || !strings.Contains(err.Error(), place) || !strings.Contains(err.Error(), "symbolic link") || p.Remedy == "" {
				t.Errorf("%s is a link, inside %v: %v", name, inside, err)
			}
			if info, err := os.Stat(target); err != nil {
				t.Error(err)
			} else if info.IsDir() {
				if entries, err := os.ReadDir(target); err != nil || len(entries) != 0 {
					t.Errorf("%s: %d files were written to what the link leads to, %v", name, len(entries), err)
				}
			} else if data, err := os.ReadFile(target); err != nil || string(data) != "theirs" {
				t.Errorf("%s: what the link leads to is %q now, %v", name, data, err)
			}
		}
	}
}

func TestWhatIsInTheWayIsNamed(t *testing.T) {
	for _, name := range []string{".", "images", "logs"} {
		root := t.TempDir()
		place := filepath.Join(root, output.Name, name)
		must(t, os.MkdirAll(filepath.Dir(place), 0o755))
		must(t, os.WriteFile(place, []byte("theirs"), 0o644))
		err := every(root)
		if p := problem.As(err); p == nil || !strings.Contains(err.Error(), place) || !strings.Contains(err.Error(), "it is a file") || !strings.Contains(p.Remedy, "rename") {
			t.Errorf("%s is a file: %v", name, err)
		}
		if data, err := os.ReadFile(place); err != nil || string(data) != "theirs" {
			t.Errorf("%s is %q now, %v", name, data, err)
		}
	}
}

// TestFailedReplacementLeavesTheOldFile also leaves nothing beside it.
func TestFailedReplacementLeavesTheOldFile(t *testing.T) {
	for name, replace := range map[string]func(output.Dir, string, func(io.Writer) error) error{"replace": output.Dir.Replace, "renew": output.Dir.Renew} {
		t.Run(name, func(t *testing.T) {
			dir, err := output.In(t.TempDir())
			must(t, err)
			must(t, replace(dir, "release.json", text("old")))
			failure := errors.New("no report")
			if err := replace(dir, "release.json", func(w io.Writer) error { return errors.Join(text("new")(w), failure) }); !errors.Is(err, failure) {
				t.Errorf("error %v", err)
			}
			if data, err := dir.Read("release.json"); err != nil || string(data) != "old" {
				t.Errorf("the file is %q, %v", data, err)
			}
			if entries, err := os.ReadDir(dir.Path()); err != nil || len(entries) != 2 {
				t.Errorf("%d files are there, %v", len(entries), err)
			}
		})
	}
}
