//go:build unix && !linux

package run

import "syscall"

// adoptOrphans is Linux's; elsewhere the group is polled for.
func adoptOrphans() {}

// attributes: a group of its own. There is no parent-death signal here.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
