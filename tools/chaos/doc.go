// Package chaos runs real cells of real processes, and kills them.
package chaos
