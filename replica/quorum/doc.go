// Package quorum counts majorities: of one member list, or of two while a change of members is
// not known to be committed. It holds no state.
//
// It keeps:
//
//   - Z15 (its half) While the newest member list is not known to be committed, elections,
//     leases and commits need a majority of the old list and a majority of the new one.
//   - Z4 (its half) Answers are counted by replica: a member says yes once, however many
//     messages it sent.
package quorum
