package worktree

import (
	"io/fs"
	"time"
)

// stat is what the file system says of a file. Two equal ones of different times mean that nothing was written between.
type stat struct {
	identity
	mode  fs.FileMode
	size  int64
	mtime int64  // nanoseconds since 1970
	link  string // target of a link
}

// identity tells files of equal paths apart.
type identity struct {
	fileID
	ctime int64 // nanoseconds since 1970
}

// fileID is what a file has as long as it is there.
type fileID struct{ device, inode uint64 }

func statOf(info fs.FileInfo) stat {
	return stat{identity: identify(info), mode: info.Mode(), size: info.Size(), mtime: info.ModTime().UnixNano()}
}

// settled reports whether a file was last written so long before a moment that another writing would have another time.
func (s stat) settled(at time.Time) bool {
	if s.inode == 0 {
		return false // a system that reports too little
	}
	margin := 100 * time.Millisecond // several ticks of a kernel
	if s.ctime%int64(time.Second) == 0 {
		margin = 2 * time.Second // of file systems that count seconds
	}
	limit := at.Add(-margin).UnixNano()
	return s.mtime < limit && s.ctime < limit
}
