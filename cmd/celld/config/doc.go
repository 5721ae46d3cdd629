// Package config knows the settings of celld: their keys, where they come from, and what makes
// no sense.
//
// One precedence everywhere: flag, then the environment (CELLD_ and the key in capitals), then
// the file, then the default. The list of replicas and the limits stand in the file only. An
// unknown key in the file is an error that names file, line and key; an unknown CELLD_ variable
// is none, since service managers make up such names.
//
// What it keeps:
//
//   - L3 (its part): the lengths that another machine counts on are read here for the cell's birth
//     only; a running cell has them in its tree.
//   - B2 (its part): every limit is a key with a default, and nothing that was written in the file
//     is passed over in silence.
//   - Z11 (its part): Init writes a birth record into each new data directory, and touches nothing
//     that exists.
package config
