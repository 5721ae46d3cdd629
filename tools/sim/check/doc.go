// Package check owns the truth in the simulator: what must hold in every run, whatever fails.
//
// Each checker is told what really happened, in true time, by the world; it believes no machine.
// The first rule that is broken ends the run:
//
//   - Z1, Z6, Z8 There is one history of commits; every replica's every step along it is compared
//     with it, through crashes and lost writes (History).
//   - Z1, Z2, Z4 Nothing is said to a peer that a power cut could make untrue (Said).
//   - Z4 One leader per epoch (History).
//   - Z17 Replicas at the same zxid have the same tree (History).
//   - L9 At most one replica holds the mastership at any instant of true time (Mastership).
//   - C1 At most one exclusive holder of a name, by the holders' own Contexts (Holds).
//   - C2 Tokens of one name never go back (Holds); no change is taken for a hold that has ended (Proofs).
//   - C6 Reads, cached ones too, and writes are linearizable, name by name (Registers); a list has
//     who was there all the while, and nobody who was gone before (Queue).
//   - C6 A read at a replica gives what the history had at its zxid, and no less than its client has
//     seen (Versions).
//   - C7 A session's mutations are applied once and in the order of their numbers (Order); what
//     sequential creates make is numbered upwards, and never twice (Queue).
//   - C9 Every change of a watched name is delivered once and in order, or resync (Events).
//   - C1, C7, C9 What the recipes promise their users: who is in at once, what was put and is
//     acknowledged, who has come when a barrier opens, which numbers were given (Recipes); what a
//     group was and is (Group).
//   - C2 Who is told to lead has a hold that had not ended when one looked; leaders come in the order
//     of their tokens, with nobody between two (Sight).
//   - C11 What goes by itself does so after its time and not before (Perishables).
//   - C11 A transaction of several parts is made whole or not at all (Txns).
//   - C11 An ephemeral stays while its session lives, and goes before its session's record (Ephemerals).
package check
