package conn

import "slices"

// watch knows what a yamux connection is about, as much as is needed to tell what an honest
// other side would not send. It reads the headers of both directions; each has its follower.
// Not safe for concurrent use.
type watch struct {
	accepts bool // the other side is the one that opens streams
	most    int  // streams that are open at once
	in, out follower

	open   []life
	newest uint32 // the highest stream the other side has opened
	fresh  int    // streams that it has opened and nobody has been told of
	queue  int    // streams that it has opened and nobody has accepted, gone or not
	pings  bucket
	opens  bucket
	strays bucket
}

// life of one stream.
type life struct {
	id            uint32
	acked         bool
	inFIN, outFIN bool
	window        int64  // what we may still send
	came          uint64 // bytes of contents that the other side has sent
	resume        func() // nobody reads it: to be called when something comes, or it ends
}

func newWatch(accepts bool, most int) watch {
	return watch{accepts: accepts, most: most, open: make([]life, 0, 1)} // one stream is all that most have
}

// stream is a stream that is open, nil if that one is not. There are few.
func (w *watch) stream(id uint32) *life {
	for i := range w.open {
		if w.open[i].id == id {
			return &w.open[i]
		}
	}
	return nil
}

// inbound judges what has come; an error says what is wrong with it.
func (w *watch) inbound(piece []byte, now instant) error {
	return w.in.feed(piece, func(h *header) error { return w.saw(h, now) })
}

// outbound follows what our own yamux sends: its frames are never wrong.
func (w *watch) outbound(piece []byte) {
	_ = w.out.feed(piece, func(h *header) error { w.sent(h); return nil })
}

func (w *watch) saw(h *header, now instant) error {
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
func (w *watch) sawControl(h *header, now instant) error {
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
func (w *watch) opened(id uint32, now instant) error {
	switch {
	case !w.accepts || id%2 == 0 || id <= w.newest:
		return ErrGarbage
	case len(w.open) >= w.most || w.queue >= backlog || !w.opens.take(now, opensPerSecond, openBurst):
		return ErrStreamFlood
	}
	w.newest = id
	w.fresh++
	w.queue++
	w.open = append(w.open, life{id: id, acked: true, window: firstWindow})
	return nil
}

func (w *watch) sawStream(h *header, now instant) error {
	stream := w.stream(h.stream())
	if stream == nil {
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
	if h.kind() == frameData {
		stream.came += uint64(h.length())
	}
	if h.kind() == frameData || stream.inFIN {
		stream.wake()
	}
	w.keep(h, stream)
	return nil
}

func (w *watch) sent(h *header) {
	if h.kind() != frameData && h.kind() != frameWindow {
		return
	}
	stream := w.stream(h.stream())
	if stream == nil {
		if h.flags()&flagSYN == 0 {
			return
		}
		w.open = append(w.open, life{id: h.stream(), window: firstWindow})
		stream = &w.open[len(w.open)-1]
	}
	if h.kind() == frameData {
		stream.window -= int64(h.length())
	}
	stream.outFIN = stream.outFIN || h.flags()&flagFIN != 0
	w.keep(h, stream)
}

// window is how much a stream may send now: nothing when it is not open.
func (w *watch) window(id uint32) int {
	if stream := w.stream(id); stream != nil {
		return int(stream.window)
	}
	return 0
}

// spend takes what data frames that yamux did not make have used of a stream's window, and gives
// what is left.
func (w *watch) spend(id uint32, took int) int {
	stream := w.stream(id)
	if stream == nil {
		return 0
	}
	stream.window -= int64(took)
	return int(stream.window)
}

// keep forgets a stream that the frame h has ended.
func (w *watch) keep(h *header, stream *life) {
	if h.flags()&flagRST != 0 || stream.inFIN && stream.outFIN {
		stream.wake()
		w.open = slices.DeleteFunc(w.open, func(s life) bool { return s.id == h.stream() })
	}
}

// wake has a stream read again that nobody reads.
func (s *life) wake() {
	if resume := s.resume; resume != nil {
		s.resume = nil
		resume()
	}
}

// wakeAll is wake of every stream.
func (w *watch) wakeAll() {
	for i := range w.open {
		w.open[i].wake()
	}
}
