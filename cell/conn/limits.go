package conn

import "time"

// What no Options change.
const (
	// chunk is the most that one yamux frame carries, so that small frames get between.
	chunk = 16 << 10
	// gather is how many bytes wait beneath yamux before its writers wait too.
	gather = 64 << 10
	// keepBuffer is the largest buffer that goes back to the pool.
	keepBuffer = 128 << 10
	// fullBlock is the size from which on a new buffer is begun for what a stream queues.
	fullBlock = 32 << 10
	// leastOutbox is what waits on any stream without a look at the others.
	leastOutbox = 64 << 10
	// timesHeld is how often a large frame is held while it comes: by yamux, and by its reader.
	timesHeld = 2
	// freshBuffer is the capacity of a new buffer.
	freshBuffer = 4 << 10
	// firstWindow is what a stream may send before it is told more: yamux's constant.
	firstWindow = 256 << 10
	// mostWindow is the largest window another side may open for us.
	mostWindow = 16 << 20
	// streamOpen is how long a new stream may wait for the other side to accept it.
	streamOpen = 10 * time.Second
	// moment is what a connection has to be read in before it gives way as half-open.
	moment = time.Second
	// pause is how long nothing comes on a connection whose streams need no goroutine to wait for the next
	// frame; until then they have one if something has come that often without such a pause.
	pause  = time.Second
	steady = 8
	// lastWords is how long a closed connection may take to send what was written before.
	lastWords = time.Second
)

// What one connection may do to us, as a rate and a burst: far above any honest use. Pings come
// once a keepalive interval at most; a session opens a stream when it attaches; frames for a stream that
// is gone come only from what was on its way.
const (
	pingsPerSecond, pingBurst   = 10, 20
	opensPerSecond, openBurst   = 20, 64
	straysPerSecond, strayBurst = 100, 1024
	linesPerSecond, lineBurst   = 5, 20 // of the log, for all connections of a Listener
)
