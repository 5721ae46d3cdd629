// Command celld is one replica of a cell, or with dev a whole cell in one process.
//
// This package is the command line alone: it reads settings (cmd/celld/config), makes the logger
// and hands both on. Exit codes: 0 after INT or TERM, 2 for usage and configuration, 1 for
// everything else.
package main
