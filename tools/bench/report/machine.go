package report

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	probes    = 200
	probeSize = 1024
)

// Machine describes this machine and the disk of dir, a line a fact.
func Machine(dir string) []string {
	facts := []string{fmt.Sprintf("%s, %d logical cores, %s", field("/proc/cpuinfo", "model name"), runtime.NumCPU(),
		field("/proc/meminfo", "MemTotal"))}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		facts = append(facts, fmt.Sprintf("Linux %s, %s", unix.ByteSliceToString(name.Release[:]), runtime.Version()))
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		facts = append(facts, "load when the run began: "+busy(string(load), runtime.NumCPU()))
	}
	probe, err := syncProbe(dir)
	if err != nil {
		probe = err.Error()
	}
	return append(facts, "disk under "+dir+": "+probe)
}

// busy is the load of the last minute, with a warning where it leaves less than most of the
// machine to the benchmark.
func busy(loadavg string, cores int) string {
	minute, _, _ := strings.Cut(loadavg, " ")
	load, err := strconv.ParseFloat(minute, 64)
	if err != nil {
		return "unknown"
	}
	if load > float64(cores)/4 {
		minute += " (WARNING: others were at work; figures are too low, and differ between systems by chance)"
	}
	return minute
}

func field(file, key string) string {
	content, _ := os.ReadFile(file)
	for line := range strings.Lines(string(content)) {
		if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return key + " unknown"
}

// syncProbe appends a KiB and syncs, 200 times.
func syncProbe(dir string) (string, error) {
	f, err := os.CreateTemp(dir, "probe")
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close(); _ = os.Remove(f.Name()) }()
	var took []time.Duration
	for range probes {
		begin := time.Now()
		if _, err := f.Write(make([]byte, probeSize)); err != nil {
			return "", err
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			return "", err
		}
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	return fmt.Sprintf("%s; append 1 KiB + fdatasync: p50 %v, p99 %v", fileSystem(dir),
		took[probes/2].Round(time.Microsecond), took[probes*99/100].Round(time.Microsecond)), nil
}

func fileSystem(dir string) string {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return "unknown file system"
	}
	switch s.Type {
	case unix.EXT4_SUPER_MAGIC:
		return "ext4"
	case unix.XFS_SUPER_MAGIC:
		return "xfs"
	case unix.BTRFS_SUPER_MAGIC:
		return "btrfs"
	case unix.TMPFS_MAGIC:
		return "tmpfs (WARNING: nothing here is durable)"
	case unix.OVERLAYFS_SUPER_MAGIC:
		return "overlayfs"
	}
	return fmt.Sprintf("file system 0x%x", s.Type)
}
