package proc

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of the CPU times in /proc: USER_HZ, 100 on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// Usage is what processes have used: CPU since their start, memory of their own (anonymous pages in
// RAM) now, and with Resident also the pages of files that they have mapped: programs, and the
// data of who keeps it so.
type Usage struct {
	CPU      time.Duration
	Bytes    int64
	Resident int64
}

// UsageOf adds up what the running ones of some processes use.
func UsageOf(all []*Proc) (Usage, error) {
	var sum Usage
	for _, p := range all {
		if !p.Running() {
			continue
		}
		u, err := usage(p.Pid())
		if err != nil {
			return sum, fmt.Errorf("%s: %w", p.Name, err)
		}
		sum.CPU += u.CPU
		sum.Bytes += u.Bytes
		sum.Resident += u.Resident
	}
	return sum, nil
}

// OwnCPU is what this process has used since its start.
func OwnCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func usage(pid int) (Usage, error) {
	dir := fmt.Sprintf("/proc/%d/", pid)
	stat, err := os.ReadFile(dir + "stat")
	if err != nil {
		return Usage{}, err
	}
	cpu, err := cpuOf(string(stat))
	if err != nil {
		return Usage{}, err
	}
	status, err := os.ReadFile(dir + "status")
	if err != nil {
		return Usage{}, err
	}
	own := pages(string(status), "RssAnon:")
	return Usage{CPU: cpu, Bytes: own, Resident: own + pages(string(status), "RssFile:")}, nil
}

// cpuOf reads utime and stime, fields 14 and 15; the second, the name, may hold anything.
func cpuOf(stat string) (time.Duration, error) {
	_, rest, ok := cutLast(stat, ")")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 13 {
		return 0, fmt.Errorf("no such line of /proc: %q", stat)
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick, err
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// pages is one of the figures of memory, in bytes.
func pages(status, which string) int64 {
	for line := range strings.Lines(status) {
		if rest, ok := strings.CutPrefix(line, which); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n << 10
		}
	}
	return 0
}
