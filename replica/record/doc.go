// Package record is the form of history: log records, their frames, and the scan that finds
// what a crash left, all as pure functions over bytes.
package record
