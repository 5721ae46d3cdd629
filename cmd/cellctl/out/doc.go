// Package out prints what cellctl has to say: as a table for people, as JSON (one document, or an
// object a line) for programs, or as the bare value.
//
// The JSON is a promise: field names are stable; 64-bit numbers are strings of decimal digits,
// since many readers of JSON lose the low bits; zxids are in their text form; times are RFC 3339
// with fraction, in UTC, by the master's wall clock; durations are seconds; what is absent or not
// known here is null. Contents are a string where they are valid UTF-8, else {"base64": "…"}.
//
// What it keeps:
//
//   - B1, at the terminal: what other clients chose (identities, notes, contents) never reaches a
//     table with its control characters.
package out
