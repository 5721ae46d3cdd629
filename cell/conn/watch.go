package conn

import "time"

// watch knows what a yamux connection is about, as much as is needed to tell what an honest
// other side would not send. It reads the headers of both directions; each has its follower.
// Not safe for concurrent use.
type watch struct {
	accepts bool // the other side is the one that opens streams
	most    int  // streams that are open at once
	in, out follower

	open   map[uint32]life
	newest uint32 // the highest stream the other side has opened
	fresh  int    // streams that it has opened and nobody has been told of
	queue  int    // streams that it has opened and nobody has accepted, gone or not
	pings  bucket
	opens  bucket
	strays bucket
}

// life of one stream.
type life struct {
	acked         bool
	inFIN, outFIN bool
	window        int64 // what we may still send
}

func newWatch(accepts bool, most int) *watch {
	return &watch{accepts: accepts, most: most, open: map[uint32]life{}}
}

// inbound judges what has come; an error says what is wrong with it.
func (w *watch) inbound(piece []byte, now time.Time) error {
	return w.in.feed(piece, func(h *header) error { return w.saw(h, now) })
}

// outbound follows what our own yamux sends: its frames are never wrong.
func (w *watch) outbound(piece []byte) {
	_ = w.out.feed(piece, func(h *header) error { w.sent(h); return nil })
}

func (w *watch) saw(h *header, now time.Time) error {
	if h.version() != 0 || h.flags()&^flagsAll != 0 {
		return ErrGarbage
	}
	switch h.kind() {
	case framePing, frameGoAway:
		return w.sawControl(h, now)
	case frameData:
		if h.length() > firstWindow || h.length() == 0 && h.flags() == 0 {
			return ErrGarbage
		}
	case frameWindow:
		if h.length() > mostWindow || h.length() == 0 && h.flags() == 0 {
			return ErrGarbage
		}
	default:
		return ErrGarbage
	}
	if h.flags()&flagSYN != 0 {
		if err := w.opened(h.stream(), now); err != nil {
			return err
		}
	}
	return w.sawStream(h, now)
}

// sawControl allows few of what yamux answers with a goroutine each.
func (w *watch) sawControl(h *header, now time.Time) error {
	switch {
	case h.stream() != 0:
		return ErrGarbage
	case !w.pings.take(now, pingsPerSecond, pingBurst):
		return ErrPingFlood
	}
	return nil
}

// opened is a stream that the other side opens: only the dialing side does, with odd numbers
// that rise.
func (w *watch) opened(id uint32, now time.Time) error {
	switch {
	case !w.accepts || id%2 == 0 || id <= w.newest:
		return ErrGarbage
	case len(w.open) >= w.most || w.queue >= backlog || !w.opens.take(now, opensPerSecond, openBurst):
		return ErrStreamFlood
	}
	w.newest = id
	w.fresh++
	w.queue++
	w.open[id] = life{acked: true, window: firstWindow}
	return nil
}

func (w *watch) sawStream(h *header, now time.Time) error {
	stream, ok := w.open[h.stream()]
	if !ok {
		if !w.strays.take(now, straysPerSecond, strayBurst) {
			return ErrStrayFlood
		}
		return nil
	}
	flags := h.flags()
	if h.kind() == frameWindow {
		stream.window += int64(h.length())
	}
	switch {
	case stream.inFIN && (h.kind() == frameData || flags&flagFIN != 0),
		flags&flagACK != 0 && stream.acked,
		stream.window > mostWindow:
		return ErrGarbage
	}
	stream.acked = stream.acked || flags&flagACK != 0
	stream.inFIN = stream.inFIN || flags&flagFIN != 0
	w.keep(h, stream)
	return nil
}

func (w *watch) sent(h *header) {
	if h.kind() != frameData && h.kind() != frameWindow {
		return
	}
	stream, ok := w.open[h.stream()]
	if !ok {
		if h.flags()&flagSYN == 0 {
			return
		}
		stream = life{window: firstWindow}
	}
	if h.kind() == frameData {
		stream.window -= int64(h.length())
	}
	stream.outFIN = stream.outFIN || h.flags()&flagFIN != 0
	w.keep(h, stream)
}

// window is how much a stream may send now: nothing when it is not open.
func (w *watch) window(id uint32) int { return int(w.open[id].window) }

// spend takes what data frames that yamux did not make have used of a stream's window, and gives
// what is left.
func (w *watch) spend(id uint32, took int) int {
	stream, ok := w.open[id]
	if !ok {
		return 0
	}
	stream.window -= int64(took)
	w.open[id] = stream
	return int(stream.window)
}

// keep remembers a stream, or forgets it when the frame h has ended it.
func (w *watch) keep(h *header, stream life) {
	if h.flags()&flagRST != 0 || stream.inFIN && stream.outFIN {
		delete(w.open, h.stream())
		return
	}
	w.open[h.stream()] = stream
}
