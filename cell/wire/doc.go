// Package wire is bytes: the protobuf schema as generated structs, and the frames in which
// messages cross a connection. Each owner of messages converts its own to domain types at its
// gate; nobody else sees the generated ones. There is no connection here, only io.Reader and
// byte slices.
//
// A frame is
//
//	u32 length | u8 format | u8 type | body
//
// big-endian; length counts what follows it. The types are the business of both ends, but for Piece: such a
// frame is a part of a larger one, and small ones may come before the next part.
//
// It keeps:
//
//   - B1 (its part) A frame that is truncated, longer than the limit it was read with, or in a
//     format we do not speak, and pieces that make none, are an error, never a guess; a length
//     costs no memory until the bytes have come.
//   - B2 (its part) A message over the limit is refused at the sender with both sizes, before it
//     has cost the receiver anything.
//   - B5 (its part) Unmarshal refuses fields that it does not know, at any depth, and never
//     repeats what the protobuf library says of them: its texts differ from build to build.
//   - Z16 (its part) The format's number is in each frame; what only a newer one could mean does
//     not pass.
package wire
