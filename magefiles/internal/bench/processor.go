package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// processor is processor time, by where it went.
type processor struct{ user, kernel time.Duration }

func (p processor) minus(before processor) processor {
	return processor{p.user - before.user, p.kernel - before.kernel}
}

// String is the time as a note has it.
func (p processor) String() string {
	return fmt.Sprintf("%.1f s user %.1f s kernel", p.user.Seconds(), p.kernel.Seconds())
}

// tick is the unit of /proc (proc(5), USER_HZ), on every Linux.
const tick = 10 * time.Millisecond

var errNoTimes = errors.New("/proc has no processor times there")

// processorOf returns the processor time of a process and of the children that it has waited for.
func processorOf(pid int) (processor, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return processor{}, fmt.Errorf("reading processor times: %w", err)
	}
	_, rest, _ := bytes.Cut(data, []byte(") ")) // the state is the third field
	times, err := ticks(string(rest), 11, 15)
	if err != nil {
		return processor{}, err
	}
	return processor{user: times[0] + times[2], kernel: times[1] + times[3]}, nil
}

// machine is the time in which this machine's processors were not available, summed over all of them.
type machine struct {
	disk   time.Duration // they were idle, and something waited for a disk
	stolen time.Duration // the host ran others
}

func machineNow() (machine, error) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return machine{}, fmt.Errorf("reading processor times: %w", err)
	}
	line, _, _ := strings.Cut(string(data), "\n")
	times, err := ticks(line, 5, 9) // cpu user nice system idle iowait irq softirq steal
	if err != nil {
		return machine{}, err
	}
	return machine{disk: times[0], stolen: times[3]}, nil
}

// ticks reads the fields from one up to another.
func ticks(line string, from, to int) ([]time.Duration, error) {
	fields := strings.Fields(line)
	if len(fields) < to {
		return nil, errNoTimes
	}
	var times []time.Duration
	for _, field := range fields[from:to] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return nil, errNoTimes
		}
		times = append(times, time.Duration(n)*tick)
	}
	return times, nil
}
