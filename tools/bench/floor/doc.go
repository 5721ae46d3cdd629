// Command floor is the least that any replicated, durable service must do, and nothing else: a
// master gathers what waits, appends it to a file, syncs the file, and sends one frame to four
// followers, which append and sync and say so; what three of the five have synced is answered.
// There is no state, no election, no session and no check of anything: whatever a real service
// needs on top costs time on top. It is a yardstick, not a server.
//
//	floor -follow -listen HOST:PORT -file PATH
//	floor -listen HOST:PORT -file PATH -followers HOST:PORT,…
//
// Every frame is a length (32 bits), a number (64 bits) and that many bytes; every answer is the
// number alone. All integers are big-endian.
package main
