// Command factories tells a story on a running cell: two task factories and five agents, each a process
// of its own, and what happens when some of them are ended by SIGKILL.
//
//	celld dev &                  # or in another terminal
//	go run ./tools/factories     # two or three minutes, for the dead are missed when their leases end
//	go run ./tools/factories -endpoints a:7401,b:7401 -name /ls/prod/farm
//
// It exits with 0 when the story has come to its end, and with 1 when the cell did not play along.
package main
