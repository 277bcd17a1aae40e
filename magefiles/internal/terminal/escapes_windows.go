package terminal

import (
	"os"

	"golang.org/x/sys/windows"
)

// escapes makes a Windows console understand escape sequences, which it does only on request.
func escapes(f *os.File) bool {
	handle := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(handle, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
