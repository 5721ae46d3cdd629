// Package check verifies the data directory of a stopped replica and changes nothing: birth record, hard
// state, snapshots, log, and the tree that they give. Each part is looked at by itself, as far as that
// can be done: what is wrong with one does not hide what is wrong with another.
//
// It keeps:
//
//   - Z12 (its half) Every byte of log and snapshots is read and compared with its sum, by the scan that a
//     start uses. A torn tail is no damage: a start cuts it.
//   - Z14 (its half) The oldest sound snapshot is decoded, the log replayed into it, and the tree compared
//     with every later snapshot, with every digest that a quorum was found to report, and with itself.
package check
