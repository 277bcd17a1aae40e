//go:build unix

package toolchain

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// requireOwn refuses files and directories of the cache that another user owns, or may write to. What the user's own group may
// write, as some systems have it, is closed to it. What is not there is not refused.
func requireOwn(paths ...string) error {
	for _, path := range paths {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		const group, others = 0o020, 0o002
		if !ok || int(stat.Uid) != os.Geteuid() || info.Mode()&others != 0 {
			return problem.New(problem.Refused, "remove it, or set XDG_CACHE_HOME to a directory that only you can write to",
				"refusing to run programs from the cache: %q belongs to another user, or another may write to it", path)
		}
		if info.Mode()&group != 0 {
			if err := os.Chmod(path, info.Mode().Perm()&^group); err != nil {
				return err
			}
		}
	}
	return nil
}
