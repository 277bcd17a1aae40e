//go:build linux || darwin

package machine

import "syscall"

// free returns the space that an ordinary user may still fill on a directory's file system, in bytes.
func free(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}
