package hashcache

import (
	"io/fs"
	"os"
	"syscall"
)

func identityOf(info fs.FileInfo) fileIdentity {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fileIdentity{}
	}
	return fileIdentity{fileID{uint64(s.Dev), s.Ino}, s.Ctimespec.Nano()}
}

// isOwn reports whether a file belongs to this user.
func isOwn(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Geteuid()
}
