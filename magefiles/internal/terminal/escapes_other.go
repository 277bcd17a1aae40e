//go:build !windows

package terminal

import "os"

func escapes(*os.File) bool { return true }
