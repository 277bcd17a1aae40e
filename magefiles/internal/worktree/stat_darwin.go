package worktree

import (
	"io/fs"
	"syscall"
)

func identify(info fs.FileInfo) identity {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}
	}
	return identity{device: uint64(s.Dev), inode: s.Ino, ctime: s.Ctimespec.Nano()}
}
