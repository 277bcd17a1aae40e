package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/script"
)

// startup measures what a fresh runner pays before it builds anything: the targets compiled with an empty cache of Go, as an
// newApplication repository compiles them, and the same with all caches at hand.
func (w *workload) startup(ctx context.Context) (rows []Row, err error) {
	app, err := makeConsumer(ctx, w)
	if err != nil {
		return nil, err
	}
	round, own := 0, ""
	version := func(ctx context.Context) (used, error) { return entryOf(w, app, own).run(ctx) }
	empty := prepare(func(context.Context) error {
		round++
		own = filepath.Join(w.options.Dir, fmt.Sprintf("startup%d", round))
		return os.MkdirAll(own, 0o755)
	})
	drop := prepare(func(context.Context) error { return os.RemoveAll(own) })
	samples, err := measure(ctx, 3, side{ours, []step{empty, timed("cold", version), timed("warm", version), drop}})
	if err != nil {
		return nil, err
	}
	packages, err := countPackages(ctx, w)
	if err != nil {
		return nil, err
	}
	megabytes, err := binarySize(ctx, w, app)
	if err != nil {
		return nil, err
	}
	rows, err = w.released(ctx, app)
	return append([]Row{
		{
			Case: "targets of an application compiled, empty caches, modules on " +
				"disk", Ours: samples[ours]["cold"], Target: Bound{Wall: 45 * time.Second},
			Counts: []Count{{"packages", float64(packages), 550}, {"MB", megabytes, 30}},
		},
		{Case: "same, compiled before", Ours: samples[ours]["warm"], Target: Bound{Wall: 3 * time.Second}},
	}, rows...), err
}

// makeConsumer makes an application with this repository's working tree as its submodule.
func makeConsumer(ctx context.Context, w *workload) (string, error) {
	library, app := filepath.Join(w.options.Dir, "library"), filepath.Join(w.options.Dir, "consumer")
	if err := copySources(ctx, w.options.Sources, library); err != nil {
		return "", err
	}
	git := func(dir string, args ...string) command {
		return command{
			dir: dir, environ: append(slices.Clone(w.environ), "GIT_AUTHOR_NAME=Kim", "GIT_AUTHOR_EMAIL=dev@example.com",
				"GIT_COMMITTER_NAME=Kim", "GIT_COMMITTER_EMAIL=dev@example.com"),
			args: append([]string{"git", "-c", "protocol.file.allow=always"}, args...),
		}
	}
	if err := os.MkdirAll(app, 0o755); err != nil {
		return "", fmt.Errorf("making an application: %w", err)
	}
	for _, c := range []command{
		git(library, "init", "-q"), git(library, "add", "--all"), git(library, "commit", "-q", "-m", "sources"),
		git(app, "init", "-q"), git(app, "submodule", "--quiet", "add", library, "ci"),
	} {
		if err := c.do(ctx); err != nil {
			return "", err
		}
	}
	return app, write(filepath.Join(app, "astrago.yaml"), "")
}

// copySources copies what git knows of a repository, or would take into it.
func copySources(ctx context.Context, from, to string) error {
	listed, err := exec.CommandContext(ctx, "git", "-C", from, "ls-files", "-z", "-co", "--exclude-standard").Output()
	if err != nil {
		return fmt.Errorf("listing the sources: %w", err)
	}
	for name := range bytes.SplitSeq(listed, []byte{0}) {
		source := filepath.Join(from, string(name))
		info, err := os.Stat(source)
		if len(name) == 0 || errors.Is(err, os.ErrNotExist) {
			continue
		}
		data, readErr := os.ReadFile(source)
		target := filepath.Join(to, string(name))
		if err := errors.Join(err, readErr, os.MkdirAll(filepath.Dir(target), 0o755)); err != nil {
			return fmt.Errorf("copying the sources: %w", err)
		}
		if err := os.WriteFile(target, data, info.Mode()); err != nil {
			return fmt.Errorf("copying the sources: %w", err)
		}
	}
	return nil
}

// entryOf runs the entry script with caches below a directory; Go's modules are the machine's.
func entryOf(w *workload, app, own string) command {
	environ := append(slices.Clone(w.options.Environ), "XDG_CACHE_HOME="+filepath.Join(own, "cache"), "GOCACHE="+filepath.Join(own, "go"),
		"GOFLAGS=")
	return command{dir: app, environ: environ, args: []string{filepath.Join(app, "ci", "scripts", "mage"), "version"}}
}

// countPackages counts what an application compiles, under the flags of the entry script.
func countPackages(ctx context.Context, w *workload) (int, error) {
	flags, err := script.Flags(w.options.Sources)
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "./magefiles/targets")
	cmd.Dir = w.options.Sources
	cmd.Env = append(cmd.Environ(), "GOFLAGS="+flags, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("listing the packages: %w", err)
	}
	return len(strings.Fields(string(out))), nil
}

// binarySize returns the size of the compiled targets in megabytes.
func binarySize(ctx context.Context, w *workload, app string) (size float64, err error) {
	own := filepath.Join(w.options.Dir, "binary")
	c := entryOf(w, app, own)
	c.environ = append(slices.Clone(w.options.Environ), "XDG_CACHE_HOME="+filepath.Join(own, "cache"))
	if err := c.do(ctx); err != nil {
		return 0, err
	}
	err = filepath.WalkDir(own, func(_ string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			size = max(size, float64(info.Size())/1e6)
		}
		return err
	})
	return size, err
}
