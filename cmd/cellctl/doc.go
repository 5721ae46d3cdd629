// Command cellctl is the person's tool: it looks at a cell, changes nodes, and runs commands
// under locks.
//
// Data goes to standard output (package out), everything else to standard error. The exit code
// says what happened: those of the one catalogue of errors in package cell, or, around a
// COMMAND, those of package run. INT and TERM end it with 130 and 143.
package main
