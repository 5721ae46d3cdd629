//go:build !linux

package main

// patient is for Linux.
func patient() error { return nil }
