package worktree

import (
	"io/fs"
	"os"
	"syscall"
)

func identify(info fs.FileInfo) identity {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}
	}
	return identity{fileID{s.Dev, s.Ino}, s.Ctim.Nano()}
}

// ours reports whether a file belongs to this user.
func ours(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Geteuid()
}
