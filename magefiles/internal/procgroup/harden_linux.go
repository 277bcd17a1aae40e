package procgroup

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// conceal overwrites variables where the kernel put them when this process began and where /proc/PID/environ shows them, and closes the
// process to debuggers. In a sandbox without /proc nothing shows them either.
func conceal(pairs []string) error {
	if len(pairs) > 0 {
		if err := overwritePairs(pairs); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("hiding the environment from other processes: %w", err)
		}
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, 0, 0); errno != 0 {
		return fmt.Errorf("closing this process to debuggers: %w", errno)
	}
	return nil
}

// overwritePairs puts zeros in the place of the pairs. The runtime has copied them when it started.
func overwritePairs(pairs []string) error {
	start, end, err := environArea()
	if err != nil {
		return err
	}
	memory, err := os.OpenFile("/proc/self/mem", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer memory.Close()
	area := make([]byte, end-start)
	if _, err := memory.ReadAt(area, start); err != nil {
		return err
	}
	for _, pair := range pairs {
		for offset := 0; ; {
			at := bytes.Index(area[offset:], append([]byte(pair), 0))
			if at < 0 {
				break
			}
			if at += offset; at == 0 || area[at-1] == 0 {
				clear(area[at : at+len(pair)])
			}
			offset = at + 1
		}
	}
	_, err = memory.WriteAt(area, start)
	return err
}

// environArea returns the bounds of the memory in which the kernel put the environment: fields 50 and 51 of proc_pid_stat(5).
func environArea() (start, end int64, err error) {
	stat, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0, 0, err
	}
	// The name in parentheses, the second field, may hold anything.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	const first = 3 // the number of fields[0]
	if len(fields) <= 51-first {
		return 0, 0, fmt.Errorf("/proc/self/stat has %d fields", len(fields))
	}
	if start, err = strconv.ParseInt(fields[50-first], 10, 64); err == nil {
		end, err = strconv.ParseInt(fields[51-first], 10, 64)
	}
	if err == nil && (start <= 0 || end < start || end-start > 64<<20) {
		err = fmt.Errorf("/proc/self/stat says %d to %d", start, end)
	}
	return start, end, err
}
